import { isSentAs } from "../../core/is-sent-as.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { PlanCommand, StepPlan } from "../../core/plan.ts";

/** How far a command got. `may-have-happened`: it was sent and no reply was recorded. */
export type CommandState = "done" | "failed" | "not-sent" | "may-have-happened";

/** Which part of a run a command belongs to. */
export type CommandPhase = "recheck" | "main" | "finally";

/** One command of a run as the record tells it. Times in milliseconds since the run's start. */
export interface CommandEntry {
	phase: CommandPhase;
	node: string;
	text: string;
	state: CommandState;
	/** How often it was sent, when more than once: `until` repeats. */
	times?: number;
	sentMs?: number;
	repliedMs?: number;
	error?: string;
}

/** A marker of the recording: what was sent and what was answered, for a run whose server dies. */
export type CommandMark =
	| { sent: number; phase: CommandPhase; node: string; text: string }
	| { replied: number }
	| { failed: number }
	| { withheld: number };

/** Follows the commands of one run. */
export class CommandJournal {
	readonly #entries: CommandEntry[] = [];

	/** Notes a command that goes out now; gives its number. A repetition of the last one is the same entry. */
	sent(phase: CommandPhase, command: PlanCommand, atMs: number): number {
		const node = command.node.name;
		const last = this.#entries.at(-1);
		if (
			last?.phase === phase &&
			last.node === node &&
			last.text === command.text &&
			last.state !== "may-have-happened"
		) {
			last.times = (last.times ?? 1) + 1;
			last.state = "may-have-happened";
			return this.#entries.length - 1;
		}
		this.#entries.push({ phase, node, text: command.text, state: "may-have-happened", sentMs: atMs });
		return this.#entries.length - 1;
	}

	replied(index: number, atMs: number): void {
		const entry = this.#entries[index];
		if (entry) Object.assign(entry, { state: "done", repliedMs: atMs });
	}

	failed(index: number, atMs: number, error: string): void {
		const entry = this.#entries[index];
		if (entry) Object.assign(entry, { state: "failed", repliedMs: atMs, error });
	}

	/** It was cancelled at the last moment: what was noted as going out has not. A repetition has gone out before. */
	withheld(index: number): void {
		const entry = this.#entries[index];
		if (entry?.times === undefined) this.#entries.splice(index, 1);
		else {
			entry.times -= 1;
			entry.state = "done";
			if (entry.times === 1) delete entry.times;
		}
	}

	/** What was sent, and after it what the plan had and was never sent. */
	entries(planned: readonly PlanCommand[]): CommandEntry[] {
		return withUnsent(this.#entries, planned);
	}
}

/** Commands go out in order, so what was not sent is the plan's tail. */
function withUnsent(entries: readonly CommandEntry[], planned: readonly PlanCommand[]): CommandEntry[] {
	const sent = entries.filter((entry) => entry.phase === "main").length;
	const unsent = planned.slice(sent).map((command) => notSent("main", command));
	return [...entries, ...unsent];
}

/** Reads the markers of a recording back into entries, for a run that was lost: what of its `finally` was not sent is among them. */
export function entriesFromMarks(
	marks: readonly string[],
	{ commands: planned, finally: last }: Pick<StepPlan, "commands" | "finally">,
): CommandEntry[] {
	const entries: CommandEntry[] = [];
	const sent = new Map<number, number>();
	for (const mark of marks) {
		const read = parseMark(mark);
		if (!read) continue;
		if ("sent" in read) {
			sent.set(read.sent, (sent.get(read.sent) ?? 0) + 1);
			entries[read.sent] = { phase: read.phase, node: read.node, text: read.text, state: "may-have-happened" };
		} else if ("replied" in read) {
			const entry = entries[read.replied];
			if (entry) entry.state = "done";
		} else if ("failed" in read) {
			const entry = entries[read.failed];
			if (entry) entry.state = "failed";
		} else if (sent.get(read.withheld) === 1) {
			delete entries[read.withheld];
			sent.delete(read.withheld);
		} else {
			const entry = entries[read.withheld];
			if (entry) entry.state = "done";
		}
	}
	const known = entries.filter((entry) => entry !== undefined);
	const finals = known.filter(({ phase }) => phase === "finally");
	const unsent = last
		.filter(({ command }) => !finals.some((entry) => isSentAs(command, entry)))
		.map(({ command }): CommandEntry => notSent("finally", command));
	return [...withUnsent(known, planned), ...unsent];
}

function notSent(phase: CommandPhase, { node, text }: PlanCommand): CommandEntry {
	return { phase, node: node.name, text, state: "not-sent" };
}

/** Journal entries as content of an event. */
export function entriesToJson(entries: readonly CommandEntry[]): JsonValue {
	return entries.map((entry) => ({ ...entry }) as unknown as JsonObject);
}

/** A marker's label: readable in any player, e.g. `sent 0 main cache-2> CLIENT PAUSE 20000 WRITE` and `replied 0`. */
export function formatMark(mark: CommandMark): string {
	if ("sent" in mark) return `sent ${mark.sent} ${mark.phase} ${mark.node}> ${mark.text}`;
	if ("replied" in mark) return `replied ${mark.replied}`;
	return "failed" in mark ? `failed ${mark.failed}` : `withheld ${mark.withheld}`;
}

function parseMark(label: string): CommandMark | null {
	const sent = /^sent (\d+) (recheck|main|finally) (\S+)> (.*)$/s.exec(label);
	if (sent) {
		const [, index, phase, node, text] = sent;
		return { sent: Number(index), phase: phase as CommandPhase, node: node ?? "", text: text ?? "" };
	}
	const ended = /^(replied|failed|withheld) (\d+)$/.exec(label);
	if (!ended) return null;
	const index = Number(ended[2]);
	if (ended[1] === "withheld") return { withheld: index };
	return ended[1] === "replied" ? { replied: index } : { failed: index };
}
