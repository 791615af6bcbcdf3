import type { JsonObject } from "../../../../core/json.ts";
import type { RecordingSummary } from "../../../../core/recording.ts";
import type { JoinedEvent, RunOutcome } from "../../../../core/session-event.ts";
import { countWords } from "../../../words/count-words.ts";
import { durationWords } from "../../../words/duration-words.ts";
import { runTookMs } from "../../../words/run-took.ts";

/** One line of the timeline: `strong` parts are set apart; `tone` colours its dot. */
export interface TimelineEntry {
	seq: number;
	at: string;
	tone: "accent" | "good" | "warn" | "bad" | "faint";
	parts: TimelinePart[];
	/** The step that it is about. */
	step?: string;
	/** What it captured, where that is more than a word. */
	values?: CapturedValue[];
}

export interface CapturedValue {
	name: string;
	value: string;
}

export interface TimelinePart {
	text: string;
	strong?: boolean;
}

export interface TimelineNames {
	person(id: string): string;
	step(name: string): string;
	/** Who ran it, where each line is to say so: when several people ran steps. Null, or none, says nothing. */
	ranBy?(run: string): string | null;
}

const strong = (text: string): TimelinePart => ({ text, strong: true });
const plain = (text: string): TimelinePart => ({ text });

/**
 * The events of a session in words: who did what. What only prepares something else (a request that starts at once,
 * a captured value) is left out; an unknown event is told by its type, so that nothing is hidden.
 */
export function timelineWords(events: readonly JoinedEvent[], names: TimelineNames): TimelineEntry[] {
	const started = new Map<string, Started>();
	const asked = new Map<string, string>();
	const entries: TimelineEntry[] = [];
	/** Runs that were not begun one after the other and for one reason are one line: it is this one. */
	let notBegun = null as { entry: TimelineEntry; steps: (string | undefined)[]; reason: string } | null;
	for (const event of events) {
		if (event.type === "run.requested") {
			for (const { run, step } of requestedRuns(event.data as JsonObject)) asked.set(run, step);
		}
		if (event.type === "run.rejected") {
			const { run, reason: said } = event.data as JsonObject;
			const step = asked.get(String(run));
			const reason = textOf(said);
			if (notBegun?.reason === reason) notBegun.steps.push(step);
			else {
				const at = step === undefined ? {} : { step };
				const entry: TimelineEntry = { seq: event.seq, at: event.at, tone: "bad", parts: [], ...at };
				notBegun = { entry, steps: [step], reason };
				entries.push(entry);
			}
			notBegun.entry.parts = notBegunParts(notBegun.steps, notBegun.reason, names);
			continue;
		}
		notBegun = null;
		const entry = entryOf(event, names, started);
		if (entry) entries.push({ seq: event.seq, at: event.at, ...entry });
	}
	return entries;
}

type Told = Omit<TimelineEntry, "seq" | "at">;

/** When a run began, and which step it is. */
interface Started {
	at: string;
	step: string;
}

function entryOf(event: JoinedEvent, names: TimelineNames, started: Map<string, Started>): Told | null {
	const data = event.data as JsonObject;
	const who = strong(names.person(event.actor.id));
	const step = typeof data.step === "string" ? data.step : undefined;
	const at = step === undefined ? {} : { step };
	switch (event.type) {
		case "session.opened": {
			const ticket = textOf(data.ticket);
			return {
				tone: "accent",
				parts: [who, plain(` opened the ${data.kind}`), ...(ticket === "" ? [] : [plain(", ticket "), strong(ticket)])],
			};
		}
		case "session.closed":
			return {
				tone: data.outcome === "resolved" ? "good" : "warn",
				parts: [who, plain(" closed it as "), strong(String(data.outcome)), plain(`: ${textOf(data.summary)}`)],
			};
		case "session.recovered":
			return { tone: "bad", parts: [plain("the server was started again; what ran then is marked lost")] };
		case "runbook.changed":
			return { tone: "warn", parts: [plain("the runbook’s file has changed; this session keeps what it opened")] };
		case "participant.joined":
			return { tone: "faint", parts: [strong(names.person(String(data.participant))), plain(" joined")] };
		case "participant.left":
			return { tone: "faint", parts: [strong(names.person(String(data.participant))), plain(" left")] };
		case "baton.passed":
			if (data.from === null)
				return { tone: "faint", parts: [strong(names.person(String(data.to))), plain(" drives")] };
			return data.taken === true
				? { tone: "warn", parts: [who, plain(" took the baton")] }
				: { tone: "accent", parts: [who, plain(" passed the baton to "), strong(names.person(String(data.to)))] };
		case "value.set":
			if (data.source !== "person") return null;
			return {
				tone: "faint",
				parts: [
					who,
					plain(` set ${data.name} `),
					...(data.secret === true ? [plain("(secret)")] : [strong(textOf(data.value))]),
				],
			};
		case "step.edited": {
			const reason = textOf(data.reason);
			return {
				...at,
				tone: "warn",
				parts: [who, plain(" edited "), strong(names.step(step ?? "")), plain(reason === "" ? "" : `: ${reason}`)],
			};
		}
		case "step.skipped":
			return {
				...at,
				tone: "warn",
				parts: [who, plain(" skipped "), strong(names.step(step ?? "")), plain(`: ${textOf(data.reason)}`)],
			};
		case "step.added":
			return { ...at, tone: "warn", parts: [who, plain(" added the step "), strong(names.step(step ?? ""))] };
		case "run.requested":
			return confirmed(data, who, names);
		case "run.approved":
			return { tone: "accent", parts: [who, plain(" approved a run")] };
		case "run.started":
			started.set(String(data.run), { at: event.at, step: String(data.step) });
			return null;
		case "run.input":
			return null;
		case "run.answered":
			return answered(String(data.run), who, names, started);
		case "run.cancel-requested":
			return { tone: "warn", parts: [who, plain(` asked to cancel${data.reason ? `: ${textOf(data.reason)}` : ""}`)] };
		case "run.finished":
			return { ...at, ...finished(data, names, started, event.at) };
		case "note.added": {
			const pictures = Array.isArray(data.attachments) ? data.attachments.length : 0;
			const words = pictures === 0 ? "" : ` (${pictures} ${pictures === 1 ? "picture" : "pictures"})`;
			return { ...at, tone: "accent", parts: [who, plain(`: ${textOf(data.text)}${words}`)] };
		}
		default:
			return { tone: "faint", parts: [plain(event.type)] };
	}
}

const confirmations: Record<string, string> = {
	key: "",
	typed: ", by typing the cluster’s name",
	flag: ", by a flag of the command line",
};

/** Who said yes to what asks first; a request that needed no word is not told. */
function confirmed(data: JsonObject, who: TimelinePart, names: TimelineNames): Told | null {
	const how = confirmations[String(data.confirmation)];
	if (how === undefined) return null;
	const steps = requestedRuns(data).map(({ step }) => step);
	const [first = ""] = steps;
	const more = steps.length < 2 ? "" : ` and ${countWords(steps.length - 1, "step")} after it`;
	return {
		step: first,
		tone: "accent",
		parts: [who, plain(" confirmed "), strong(names.step(first)), plain(`${more}${how}`)],
	};
}

function requestedRuns(data: JsonObject): { run: string; step: string }[] {
	return (data.runs as { run: string; step: string }[] | undefined) ?? [];
}

/** Which steps were not begun, the first by its title, and why. */
function notBegunParts(steps: readonly (string | undefined)[], reason: string, names: TimelineNames): TimelinePart[] {
	const [first] = steps;
	if (first === undefined) return [plain("not begun: "), plain(reason)];
	const more = steps.length < 2 ? " was" : ` and ${countWords(steps.length - 1, "step")} after it were`;
	return [strong(names.step(first)), plain(`${more} not begun: ${reason}`)];
}

function answered(run: string, who: TimelinePart, names: TimelineNames, started: ReadonlyMap<string, Started>): Told {
	const step = started.get(run)?.step;
	if (step === undefined) return { tone: "accent", parts: [who, plain(" answered")] };
	return { step, tone: "accent", parts: [who, plain(" answered "), strong(names.step(step))] };
}

const tones: Record<string, TimelineEntry["tone"]> = {
	succeeded: "good",
	failed: "bad",
	lost: "bad",
	cancelled: "warn",
	skipped: "faint",
};

function finished(data: JsonObject, names: TimelineNames, started: Map<string, Started>, at: string): Told {
	const title = names.step(String(data.step ?? ""));
	const runner = names.ranBy?.(String(data.run)) ?? null;
	const by = runner === null ? [] : [plain(", by "), strong(runner)];
	const outcome = String(data.outcome);
	const begun = started.get(String(data.run))?.at;
	const tookMs = runTookMs({
		outcome: outcome as RunOutcome,
		finishedAt: at,
		recording: (data.recording ?? null) as unknown as RecordingSummary | null,
		...(begun === undefined ? {} : { startedAt: begun }),
	});
	const took = tookMs === null ? "" : `, ${durationWords(tookMs)}`;
	const problem = parsed(data.problem);
	const why = problem !== null && typeof problem.detail === "string" ? `: ${problem.detail}` : "";
	// One that came to a good end all the same is to be known, and no failure.
	const tone = outcome === "succeeded" && why !== "" ? "warn" : (tones[outcome] ?? "faint");
	if (outcome === "succeeded") {
		const values = capturedValues(data.captured);
		const only = values.length === 1 && isReadable(values[0]) ? `${values[0].name} ${values[0].value}` : null;
		return {
			tone,
			parts: [
				plain(`${title}: `),
				strong(only ?? "succeeded"),
				plain(took),
				...by,
				...(why === "" ? [] : [plain(why)]),
			],
			...(only !== null || values.length === 0 ? {} : { values }),
		};
	}
	if (outcome === "skipped") return { tone, parts: [plain(`${title}: `), strong("not needed"), ...by] };
	return { tone, parts: [plain(`${title} `), strong(outcome), plain(took), ...by, plain(why)] };
}

function capturedValues(content: unknown): CapturedValue[] {
	return Object.entries(parsed(content) ?? {}).map(([name, value]) => ({
		name,
		value: typeof value === "string" ? value : JSON.stringify(value),
	}));
}

/** Whether it tells a reader something in passing: not an identity, a moment in milliseconds, or a whole structure. */
function isReadable(captured: CapturedValue | undefined): captured is CapturedValue {
	return captured !== undefined && captured.value.length <= 40 && !/[0-9a-f]{16}|\d{9}|^[[{]/i.test(captured.value);
}

function parsed(content: unknown): JsonObject | null {
	try {
		const value: unknown = JSON.parse(textOf(content));
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
	} catch {
		return null;
	}
}

function textOf(content: unknown): string {
	if (typeof content !== "object" || content === null) return "";
	const { content: text } = content as { content?: unknown };
	return typeof text === "string" ? text : "[erased]";
}
