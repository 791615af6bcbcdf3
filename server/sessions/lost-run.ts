import type { FinallyCommand, PlanCommand, StepPlan } from "../../core/plan.ts";
import { type Problem, problem } from "../../core/problem.ts";
import type { CommandEntry, CommandState } from "./command-journal.ts";

/** A long text of a shell step stands below in full; here it is only to be known again. */
const mostCharacters = 120;

const told: readonly [CommandState, string][] = [
	["done", "Done"],
	["failed", "Failed"],
	["may-have-happened", "May have happened"],
	["not-sent", "Not sent"],
];

/**
 * What the next person must read first of a run whose server ended: which of its own commands were done, which may have
 * happened, and which of its `finally` were not sent, with what to send to take back what the step began.
 */
export function lostRun(entries: readonly CommandEntry[], plan: StepPlan | undefined): Problem {
	const own = entries.filter(({ phase }) => phase !== "recheck");
	const begun = own.some(({ phase, state }) => phase === "main" && state !== "not-sent");
	const sentences = ["The server ended in the middle of this run."];
	if (own.length > 0 && !begun) sentences.push("None of its commands was sent.");
	const unsent = begun ? own.filter(({ phase, state }) => phase === "finally" && state === "not-sent") : [];
	for (const [state, word] of begun ? told : []) {
		const these = own.filter((entry) => entry.state === state && !unsent.includes(entry));
		if (these.length > 0) sentences.push(`${word}: ${these.map(short).join(", ")}.`);
	}
	if (unsent.length === 0) return problem("run-lost", sentences.join(" "));
	sentences.push(
		`Its \`finally\` was not sent: ${unsent.map(short).join(", ")}. What the step began was not taken back by it.`,
	);
	const left = unsent.map((entry) => toSend(entry, plan?.finally ?? []));
	return problem("run-lost", sentences.join(" "), {
		next: `Look at the cluster now, then take it back yourself, in a step that you add here: ${left.join("; ")}.`,
	});
}

function short({ text, node }: CommandEntry): string {
	const line = text.replaceAll("\n", " ⏎ ");
	return `\`${line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line}\` on ${node}`;
}

/** Sent where its condition does not hold, a release may lose what the hold was for. */
function toSend({ text, node }: CommandEntry, planned: readonly FinallyCommand[]): string {
	const found = planned.find(({ command }) => command.text === text && command.node.name === node);
	const place = found ? `${found.command.node.name} (${addressOf(found.command)})` : node;
	return `\`${text}\` on ${place}${found?.when === undefined ? "" : `, only while this holds: \`${found.when}\``}`;
}

function addressOf({ node }: PlanCommand): string {
	return `${node.cluster} ${node.address}`;
}
