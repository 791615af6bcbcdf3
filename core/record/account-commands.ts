import { isSentAs } from "../is-sent-as.ts";
import type { PlanCommand, StepPlan } from "../plan.ts";
import { type RecordedCommand, recordedCommands, recordedPlan } from "../recorded.ts";
import type { Content } from "../session-event.ts";

/**
 * The commands of one run, one a line with its node: as they were sent when the run's end tells so, which has what only
 * the run could know; else as they were planned. A step without commands says what it is.
 */
export function accountCommands(plan: Content, step: string, sent: Content | undefined): string {
	if (plan.content === undefined) return "[erased]";
	const read = recordedPlan(plan);
	const own = read?.steps.find((one) => one.step === step);
	if (!read || !own) return plan.content;
	const rechecks = read.rechecks.filter((one) => own.recheck.includes(one.step));
	const commands = [...rechecks, own].flatMap((one) => one.commands);
	const last = own.finally;
	const nodes = new Map([...commands, ...last.map(({ command }) => command)].map(({ node }) => [node.name, node]));
	const journal = recordedCommands(sent);
	if (journal === null) {
		const lines = [
			...rechecks.flatMap((one) => one.commands.map((command) => `recheck ${planned(command)}`)),
			...own.commands.map(planned),
			...last.map(({ command }) => `finally ${planned(command)}`),
		];
		return lines.length === 0 ? withoutCommands(own) : ["planned:", ...lines].join("\n");
	}
	const place = (name: string) => {
		const node = nodes.get(name);
		return node ? `[${node.cluster} ${node.address}]` : `[${name}]`;
	};
	const finals = journal.filter(({ phase }) => phase === "finally");
	const lines = [
		...journal.map(
			(one) =>
				`${one.phase === "recheck" || one.phase === "finally" ? `${one.phase} ` : ""}${place(one.node)} ${one.text}${fate(one)}`,
		),
		...last
			.filter(({ command }) => !finals.some((one) => isSentAs(command, one)))
			.map(({ command }) => `finally ${planned(command)} (not sent)`),
	];
	return lines.length === 0 ? withoutCommands(own) : lines.join("\n");
}

function planned({ node, text }: PlanCommand): string {
	return `[${node.cluster} ${node.address}] ${text}`;
}

function fate({ state, times, error }: RecordedCommand): string {
	const often = times === undefined ? "" : ` (sent ${times} times)`;
	if (state === "not-sent") return " (not sent)";
	if (state === "may-have-happened") return `${often} (no answer recorded: it may have happened)`;
	return state === "failed" ? `${often} (failed${error ? `: ${error}` : ""})` : often;
}

function withoutCommands({ type, detail }: StepPlan): string {
	if (type !== "manual") return `${type}: no command`;
	const { items, question } = (detail ?? {}) as { items?: unknown; question?: unknown };
	const count = Array.isArray(items) ? items.length : 0;
	const asked = [
		...(count > 0 ? [`${count} ${count === 1 ? "item" : "items"} to tick`] : []),
		...(question ? ["a question"] : []),
	];
	return `manual: ${asked.join(" and ") || "to be confirmed"}`;
}
