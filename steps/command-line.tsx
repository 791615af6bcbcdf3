import type { Placeholder, Until } from "../core/plan.ts";
import type { Environment } from "../core/target.ts";
import { VisibleText } from "./visible-text.tsx";
import { waitWords } from "./wait-words.ts";
import "./command-line.css";

/** Where a command goes: the node once it is known, else the reference as written. */
export interface CommandLineProps {
	prompt: string;
	environment?: Environment | undefined;
	/** The node's address, on hover. */
	address?: string | undefined;
	text: string;
	placeholders?: readonly Placeholder[] | undefined;
	/** Words before the prompt, e.g. `finally, if ...`. */
	before?: string | undefined;
}

/** One command as it will be sent: prompt, text, and what only the run can know as named chips. */
export function CommandLine({ prompt, environment, address, text, placeholders, before }: CommandLineProps) {
	const prefix = environment === undefined || environment === "production" ? "" : `${environment}:`;
	return (
		<div class="step-command">
			{before !== undefined && <span class="step-command__before">{before}: </span>}
			<span class={`step-command__prompt step-command__prompt--${environment ?? "unknown"}`} title={address}>
				{prefix}
				{prompt}&gt;
			</span>{" "}
			<CommandText text={text} placeholders={placeholders ?? []} />
		</div>
	);
}

/** A text with its placeholders, and what can't be seen of it, as chips. */
export function CommandText({ text, placeholders }: { text: string; placeholders: readonly Placeholder[] }) {
	const byName = new Map(placeholders.map((placeholder) => [placeholder.name, placeholder]));
	const parts = text.split(/(\{\{\s*[A-Za-z_][\w.-]*\s*\}\})/);
	return (
		<code class="step-command__text">
			{parts.map((part) => {
				const name = /^\{\{\s*(.+?)\s*\}\}$/.exec(part)?.[1];
				const placeholder = name === undefined ? undefined : byName.get(name);
				return name === undefined ? (
					<VisibleText text={part} />
				) : (
					<PlaceholderChip name={name} placeholder={placeholder} />
				);
			})}
		</code>
	);
}

function PlaceholderChip({ name, placeholder }: { name: string; placeholder: Placeholder | undefined }) {
	if (!placeholder) return <span class="step-chip">{name}</span>;
	const member = placeholder.memberOf === undefined ? "" : `; must be a member of ${placeholder.memberOf}`;
	return (
		<span class="step-chip" title={`from ${placeholder.from}: ${placeholder.expression}${member}`}>
			{name}
			<span class="sr-only">
				, known when {placeholder.from} has run{member}
			</span>
		</span>
	);
}

/** `until ..., every 500 ms, at most 60 s`. */
export function UntilLine({ until }: { until: Until }) {
	return (
		<span class="step-until">
			until <code>{until.expression}</code>, every {waitWords(until.everyMs)}, at most {waitWords(until.timeoutMs)}
		</span>
	);
}
