/* A button, or a link that looks like one (`href`). Kinds: plain, primary (the accent), danger (it changes or destroys), unknown (nobody knows what it changes), quiet (no frame). */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";
import { KeyHint } from "./key-hint.tsx";
import "./button.css";

export interface ButtonProps {
	kind?: "plain" | "primary" | "danger" | "unknown" | "quiet";
	size?: "small" | "medium";
	icon?: IconName;
	/** The key that does the same, e.g. `e` or `Shift+Enter`; shown beside the words. */
	keys?: string | undefined;
	/** What it does, for a button that shows an icon alone. */
	label?: string;
	href?: string;
	disabled?: boolean | undefined;
	/** Why it can't be pressed, or more than its words say. */
	title?: string | undefined;
	type?: "button" | "submit";
	/** The state of a button that stays pressed. */
	pressed?: boolean;
	download?: boolean;
	class?: string;
	onClick?: (event: MouseEvent) => void;
	children?: ComponentChildren;
}

export function Button(props: ButtonProps) {
	const { kind = "plain", size = "medium", icon, keys, label, href, children } = props;
	const name = `button button--${kind} button--${size} ${children === undefined ? "button--icon" : ""} ${props.class ?? ""}`;
	const inner = (
		<>
			{icon !== undefined && <Icon name={icon} size={size === "small" ? 14 : 16} />}
			{children !== undefined && <span class="button__words">{children}</span>}
			{keys !== undefined && <KeyHint keys={keys} />}
		</>
	);
	const shared = { class: name, title: props.title ?? label, "aria-label": label, onClick: props.onClick };
	if (href !== undefined) {
		return (
			<a {...shared} href={href} {...(props.download ? { download: "" } : {})}>
				{inner}
			</a>
		);
	}
	return (
		<button
			{...shared}
			type={props.type ?? "button"}
			disabled={props.disabled === true}
			{...(props.pressed === undefined ? {} : { "aria-pressed": props.pressed })}
		>
			{inner}
		</button>
	);
}
