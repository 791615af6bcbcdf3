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

/** What is known of when a run was lost. */
export interface LostTimes {
	began: Date;
	/** The last that was recorded of it. */
	lastRecorded: Date;
	/** When the next server found its intent open. */
	found: Date;
}

/** How long a lost run ran is nowhere to be read: only what it lies between. */
function whenLost({ began, lastRecorded, found }: LostTimes): string {
	const [from, last, until] = [began, lastRecorded, found].map(
		(at) => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`,
	);
	return `It began at ${from}, the last that was recorded of it is from ${last}, and it was found lost at ${until}: how long it ran is not known.`;
}

/** Where a person has to look: the clusters of its commands by name; a step of a shell ran on a machine. */
function placesOf(plan: StepPlan | undefined): string {
	const commands = [...(plan?.commands ?? []), ...(plan?.finally ?? []).map(({ command }) => command)];
	const places = commands.map(({ node: { kind, cluster, name } }) =>
		kind === "local" ? `the machine ${name}, where the server ran,` : `the cluster ${cluster}`,
	);
	return [...new Set(places)].join(" and ") || "what it acts on";
}

/**
 * What the next person must read first of a run whose server ended: which of its own commands were done, which may have
 * happened, and which of its `finally` were not sent, with what to send to take back what the step began.
 */
export function lostRun(
	entries: readonly CommandEntry[],
	plan: StepPlan | undefined,
	times: LostTimes | undefined,
): Problem {
	const own = entries.filter(({ phase }) => phase !== "recheck");
	const begun = own.some(({ phase, state }) => phase === "main" && state !== "not-sent");
	const sentences = ["The server ended in the middle of this run."];
	if (own.length > 0 && !begun) sentences.push("None of its commands was sent.");
	const unsent = begun ? own.filter(({ phase, state }) => phase === "finally" && state === "not-sent") : [];
	for (const [state, word] of begun ? told : []) {
		const these = own.filter((entry) => entry.state === state && !unsent.includes(entry));
		if (these.length > 0) sentences.push(`${word}: ${these.map(short).join(", ")}.`);
	}
	if (unsent.length === 0) {
		if (times) sentences.push(whenLost(times));
		const next = begun ? `Check on ${placesOf(plan)} what may have happened before running it again.` : undefined;
		return problem("run-lost", sentences.join(" "), next === undefined || plan === undefined ? {} : { next });
	}
	sentences.push(
		`Its \`finally\` was not sent: ${unsent.map(short).join(", ")}. What the step began was not taken back by it.`,
	);
	if (times) sentences.push(whenLost(times));
	const left = unsent.map((entry) => toSend(entry, plan?.finally ?? []));
	return problem("run-lost", sentences.join(" "), {
		next: `Look at ${placesOf(plan)} now, then take it back yourself, in a step that you add here: ${left.join("; ")}.`,
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
