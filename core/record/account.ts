import type { JsonValue } from "../json.ts";
import { planNodes } from "../plan.ts";
import { recordedPlan } from "../recorded.ts";
import { isAssumed, runPlace } from "../run-place.ts";
import { type Content, type JoinedEvent, type SessionEvent, sessionEventSchema } from "../session-event.ts";
import { accountCommands } from "./account-commands.ts";
import { contentReferences } from "./content-references.ts";
import { cannotTell, noCaveats } from "./verify-report.ts";

/**
 * The form that an account says it has. A verifier makes an account anew from its events and compares: an account that is
 * told in other words is an altered one, whatever form it claims. Whoever changes the words for what earlier versions have
 * recorded raises it, and keeps the older words to compare older accounts with; words for what is only now recorded leave it.
 */
export const accountForm = 1;

/** A session's account in plain words: who did what when, and what the record can't tell. Ends with a line feed. */
export function accountOf(events: readonly JoinedEvent[]): string {
	const ahead = lookAhead(events);
	const { people } = ahead;
	const lines: string[] = [];
	let heading = "A session without an opening event\n";
	for (const event of events) {
		const parsed = sessionEventSchema.safeParse({ type: event.type, data: event.data });
		if (parsed.success && parsed.data.type === "participant.joined") {
			people.set(parsed.data.data.participant, text(parsed.data.data.name));
		}
		let who = people.get(event.actor.id) ?? event.actor.id;
		if (parsed.success && parsed.data.type === "session.opened") {
			who = `${who} (${event.actor.assurance}, ${event.actor.id})`;
			heading = headingOf(event, parsed.data.data, who);
		}
		const what = parsed.success
			? describe(parsed.data, ahead)
			: `something this program has no words for (${event.type})`;
		lines.push(`${event.at}  #${event.seq}  ${line(who)}: ${what}`);
	}
	const told = cannotTell(caveatsOf(events)).map((sentence) => `- ${sentence}`);
	return [
		heading,
		"What happened",
		"-------------",
		...lines,
		"",
		"What this record can't tell",
		"---------------------------",
		...told,
		"",
		`Account form ${accountForm}`,
		"",
	].join("\n");
}

/** The form that an account says it has, at its end; null when it says none. */
export function accountFormOf(account: string): number | null {
	const form = /\nAccount form ([1-9]\d{0,8})\n$/.exec(account)?.[1];
	return form === undefined ? null : Number(form);
}

/** What an event's line needs of others: the names of people who joined after they acted, which step a run is of, and what it really sent. */
interface Ahead {
	people: Map<string, string>;
	steps: Map<string, string>;
	sent: Map<string, Content>;
}

function lookAhead(events: readonly JoinedEvent[]): Ahead {
	const people = new Map<string, string>();
	const steps = new Map<string, string>();
	const sent = new Map<string, Content>();
	for (const { type, data } of events) {
		const parsed = sessionEventSchema.safeParse({ type, data });
		if (!parsed.success) continue;
		const told = parsed.data;
		if (told.type === "participant.joined" && !people.has(told.data.participant)) {
			people.set(told.data.participant, text(told.data.name));
		}
		if (told.type === "run.requested") for (const { run, step } of told.data.runs) steps.set(run, step);
		if (told.type === "run.finished" && told.data.commands) sent.set(told.data.run, told.data.commands);
	}
	return { people, steps, sent };
}

type Opened = Extract<SessionEvent, { type: "session.opened" }>["data"];

function headingOf(event: JoinedEvent, data: Opened, who: string): string {
	const title = line(text(data.title));
	return [
		title,
		"=".repeat(Math.min(100, title.length)),
		`Session ${data.session}, ${data.kind}${data.ticket ? `, ticket ${line(text(data.ticket))}` : ""}`,
		`Runbook ${line(data.runbook.path)}, SHA-256 ${data.runbook.digest}`,
		`Opened ${event.at} by ${line(who)} from ${line(event.origin.address)}`,
		"Times are UTC by the server's clock; #n is the event's number in events.jsonl.",
		"",
	].join("\n");
}

function describe({ type, data }: SessionEvent, { people, steps, sent }: Ahead): string {
	const name = (id: string) => line(people.get(id) ?? id);
	switch (type) {
		case "session.opened":
			return `opened the session as ${data.kind}`;
		case "session.closed":
			return `closed the session: ${data.outcome}.${quoted(data.summary)}`;
		case "session.recovered":
			return `took the session up again after the server had stopped; ${data.openRuns} runs were open`;
		case "runbook.changed":
			return data.digest === null
				? "the runbook's file is gone since the session was opened"
				: `the runbook's file has changed since the session was opened (now SHA-256 ${data.digest})`;
		case "participant.joined":
			return `${line(text(data.name))} joined`;
		case "participant.left":
			return `${name(data.participant)} left`;
		case "baton.passed":
			return data.taken ? `${name(data.to)} took the baton` : `the baton went to ${name(data.to)}`;
		case "value.set":
			return data.value
				? `${line(data.name)} = ${line(text(data.value))} (${data.source})`
				: `${line(data.name)} was set, a secret that is not in the record (${data.source})`;
		case "step.edited":
			return `edited step ${line(data.step)}${because(data.reason)}; it now reads:${block(text(data.body))}`;
		case "step.skipped":
			return `skipped step ${line(data.step)}${because(data.reason)}`;
		case "step.added":
			return `added step ${line(data.step)} (${line(data.type)})${because(data.reason)}:${block(text(data.body))}`;
		case "run.requested":
			if (data.passOver)
				return `asked to pass over ${line(data.unit.name)} (${data.risk}, ${placeOf(data)}) as not needed`;
			return `asked to run ${line(data.unit.name)} (${data.risk}, ${placeOf(data)}${confirmedBy[data.confirmation]})${data.selection ? `, only these lines:${block(text(data.selection))}` : ""}`;
		case "run.approved":
			return `approved run ${data.run}`;
		case "run.rejected":
			return `step ${line(steps.get(data.run) ?? "unknown")} was not begun, run ${data.run} (${line(data.code)}): ${line(text(data.reason))}`;
		case "run.started":
			return `step ${line(data.step)} started as run ${data.run}:${block(accountCommands(data.plan, data.step, sent.get(data.run)))}`;
		case "run.input":
			return `typed ${data.bytes} bytes into run ${data.run}`;
		case "run.answered":
			return `answered step ${line(steps.get(data.run) ?? "unknown")}, run ${data.run}: ${line(text(data.answers))}${pictures(data.attachments.length)}`;
		case "run.cancel-requested":
			return `asked to cancel run ${data.run}${because(data.reason)}`;
		case "run.finished": {
			const exit = data.exitCode === null ? "" : `, exit ${data.exitCode}`;
			const checked = data.checked ? "" : ", not checked";
			const recording = data.recording
				? `; recording ${data.recording.file}, ${data.recording.bytes} bytes, SHA-256 ${data.recording.sha256}${data.recording.truncated ? ", truncated" : ""}`
				: "; no recording";
			const problem = data.problem ? `; ${line(problemWords(text(data.problem)))}` : "";
			return `step ${line(data.step)} ${data.outcome}${exit}${checked}${problem}${recording}`;
		}
		case "note.added":
			return `noted${data.step ? ` at step ${line(data.step)}` : ""}:${quoted(data.text)}${pictures(data.attachments.length)}`;
		default:
			return "something this program has no words for";
	}
}

const confirmedBy = {
	none: "",
	key: ", confirmed by a key",
	typed: ", confirmed by typing the cluster's name",
	flag: ", confirmed by a flag of the command line",
} as const;

/** Where it was asked to run: the recorded environment, unless nobody had configured all of what that was of. */
function placeOf({ plan, environment }: Extract<SessionEvent, { type: "run.requested" }>["data"]): string {
	const steps = recordedPlan(plan)?.steps;
	const place = steps && planNodes({ steps }).some(isAssumed) ? runPlace({ steps }) : null;
	return place ?? environment;
}

/** `code: what went wrong` of a problem as it is recorded; the text itself when it is none. */
function problemWords(recorded: string): string {
	try {
		const { code, detail } = JSON.parse(recorded) as { code?: unknown; detail?: unknown };
		if (typeof code === "string" && typeof detail === "string") return `${code}: ${detail}`;
	} catch {
		// Erased, or of another form.
	}
	return recorded;
}

function caveatsOf(events: readonly JoinedEvent[]) {
	const caveats = noCaveats("session");
	caveats.openSessions = events.some(({ type }) => type === "session.closed") ? 0 : 1;
	caveats.selfDeclared = events.some(({ actor }) => actor.assurance === "self-declared");
	const ended = new Set(events.filter(({ type }) => type === "run.finished").map(({ data }) => data.run));
	caveats.unvouched = events.filter(({ type, data }) => type === "run.started" && !ended.has(data.run)).length;
	let at = "";
	for (const event of events) {
		if (event.at < at) caveats.clockSetBack += 1;
		at = event.at;
		const joined = joinedReferences(event.data as JsonValue);
		caveats.erased += [...contentReferences(event.data)].length - joined;
	}
	return caveats;
}

/** How many contents of an event are still there. */
function joinedReferences(value: JsonValue): number {
	if (typeof value !== "object" || value === null) return 0;
	if (!Array.isArray(value) && typeof value.ref === "string") return typeof value.content === "string" ? 1 : 0;
	return Object.values(value).reduce<number>((sum, item) => sum + joinedReferences(item), 0);
}

function text(content: Content): string {
	return content.content ?? "[erased]";
}

/** One line that a terminal can print: what came from elsewhere must not move its cursor. */
function line(value: string): string {
	return printable(value).replaceAll("\n", " ⏎ ");
}

function block(value: string): string {
	return printable(value)
		.split("\n")
		.map((row) => `\n      ${row}`)
		.join("");
}

function printable(value: string): string {
	return value.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) =>
		character === "\t" ? "    " : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
	);
}

function quoted(content: Content): string {
	return block(text(content));
}

function because(reason: Content | undefined): string {
	return reason ? `, because: ${line(text(reason))}` : "";
}

function pictures(count: number): string {
	return count === 0 ? "" : ` (${count} attached)`;
}
