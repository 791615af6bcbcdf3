/* How something ended, in a row of a list: a mark, a word, and more about it below. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";
import "./list-table.css";

export function RowOutcome({
	icon,
	tone = "faint",
	about,
	children,
}: {
	/** Left out where there is nothing to judge. */
	icon?: IconName;
	tone?: "good" | "warn" | "bad" | "accent" | "faint";
	about: ComponentChildren;
	children: ComponentChildren;
}) {
	return (
		<span class={`row-outcome row-outcome--${tone}`}>
			{icon !== undefined && <Icon name={icon} />}
			<span>{children}</span>
			<span class="list-row__about">{about}</span>
		</span>
	);
}
