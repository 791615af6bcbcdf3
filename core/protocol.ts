import { z } from "zod";
import type { JsonValue } from "./json.ts";
import type { LabKindStatus, LabStatus } from "./lab.ts";
import type { Plan } from "./plan.ts";
import type { Problem } from "./problem.ts";
import type { Runbook } from "./runbook.ts";
import type { ChosenCluster } from "./session-environment.ts";
import { closeOutcomeSchema, type JoinedEvent, sessionKindSchema } from "./session-event.ts";
import type { SessionState } from "./session-state.ts";
import type { Environment, Topology } from "./target.ts";
import { cutInHalf, textSchema } from "./text-schema.ts";
import { isWellFormed } from "./well-formed.ts";

const text = textSchema;
const id = text(128).min(1);
const json = z.json().refine(isWellFormed, cutInHalf);
const attachment = z.object({
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
	mediaType: text(100),
	bytes: z.number().int().nonnegative(),
});
const labName = text(40).min(1);

/** Which sessions of the record are meant; what is left out is any. */
const recordFilter = z.object({
	kind: sessionKindSchema.optional(),
	runbook: text(1000).optional(),
	person: text(200).optional(),
	target: text(200).optional(),
	outcome: text(40).optional(),
	from: text(40).optional(),
	to: text(40).optional(),
});

/**
 * Every request from browser to server over socket.io: its name, and the schema of its argument.
 * The acknowledgement is `Reply<R>`. Server and browser share this one map.
 */
export const requestSchemas = {
	"me.read": z.object({}),
	"library.list": z.object({}),
	"runbook.read": z.object({ path: text(1000) }),
	"session.open": z.object({
		path: text(1000),
		kind: sessionKindSchema,
		ticket: text(200).optional(),
		/** Parameters by name. */
		values: z.record(text(128), json),
	}),
	/** Subscribes this socket to a session's events, presence and topologies. */
	/** Who only reads joins nobody. */
	"session.watch": z.object({ session: id, as: z.enum(["participant", "reader"]).optional() }),
	"session.unwatch": z.object({ session: id }),
	"session.close": z.object({ session: id, outcome: closeOutcomeSchema, summary: text(2000) }),
	"session.take-baton": z.object({ session: id }),
	"session.pass-baton": z.object({ session: id, to: id }),
	"value.set": z.object({ session: id, name: text(128), value: json }),
	"step.edit": z.object({ session: id, step: id, body: text(100_000), reason: text(2000).optional() }),
	"step.skip": z.object({ session: id, step: id, reason: text(2000) }),
	"step.add": z.object({
		session: id,
		after: id.nullable(),
		type: z.enum(["shell", "redis"]),
		title: text(200),
		body: text(100_000),
		target: text(300).optional(),
	}),
	/** The plan of a step or group as it is now: exact commands, nodes, risk. `selection`: only these lines. */
	"plan.read": z.object({ session: id, unit: id, selection: text(100_000).optional() }),
	"run.request": z.object({
		session: id,
		unit: id,
		/** The digest of the plan that the person was shown. */
		planDigest: text(128),
		confirmation: z.enum(["none", "key", "typed"]),
		typed: text(300).optional(),
		selection: text(100_000).optional(),
		/** Only to be passed over as not needed; refused when it is needed by then. */
		passOver: z.literal(true).optional(),
	}),
	"run.cancel": z.object({ session: id, run: id }),
	"run.answer": z.object({ session: id, run: id, answers: json, attachments: z.array(attachment).max(20) }),
	"note.add": z.object({
		session: id,
		text: text(20_000),
		attachments: z.array(attachment).max(20),
		step: id.optional(),
		run: id.optional(),
	}),
	/** Events before `beforeSeq`, newest last, for the timeline. */
	"session.events": z.object({ session: id, afterSeq: z.number().int(), limit: z.number().int().min(1).max(5000) }),
	"record.list": recordFilter,
	/** Of one session, or of those that a filter asks for. */
	"record.search": recordFilter.extend({ query: text(300), session: id.optional() }),
	"record.verify": z.object({ session: id.optional() }),
	"topology.watch": z.object({ cluster: text(200) }),
	"topology.unwatch": z.object({ cluster: text(200) }),
	"lab.list": z.object({}),
	/** Subscribes this socket to the labs' states. */
	"lab.watch": z.object({}),
	"lab.unwatch": z.object({}),
	"lab.up": z.object({ kind: text(100), name: labName }),
	"lab.down": z.object({ name: labName }),
	"lab.reset": z.object({ name: labName }),
	"lab.fault": z.object({
		name: labName,
		fault: z.enum(["kill", "stop", "freeze"]),
		node: text(100),
		seconds: z.number().int().min(1).max(3600).optional(),
	}),
	/** Lets the fault that a node has last for so many seconds from now on. */
	"lab.extend": z.object({ name: labName, node: text(100), seconds: z.number().int().min(1).max(3600) }),
	"lab.heal": z.object({ name: labName, node: text(100).optional() }),
	"lab.probe": z.object({ name: labName, kind: z.enum(["client", "oracle"]), on: z.boolean() }),
	"lab.logs": z.object({ name: labName, node: text(100), lines: z.number().int().min(1).max(2000) }),
} as const;

export type RequestName = keyof typeof requestSchemas;
export type RequestArgument<N extends RequestName> = z.infer<(typeof requestSchemas)[N]>;

export interface RunbookSummary {
	path: string;
	title: string;
	summary: string;
	systems: string[];
	severity: string | null;
	owner: string | null;
	steps: number;
	parameters: number;
	errors: number;
	warnings: number;
	/** Milliseconds; null when never. */
	usuallyMs: number | null;
	/** `passed` needs a run with checks that all held; `step` is the title of the one that failed. */
	last: { at: string; outcome: "passed" | "failed" | "unchecked"; step?: string; kind: string; by: string } | null;
	lastPassedAt: string | null;
	stale: boolean;
	reviewMs: number | null;
}

export interface SessionSummary {
	session: string;
	title: string;
	runbook: string;
	kind: string;
	status: "open" | "closed" | "abandoned";
	outcome: string | null;
	environment: Environment | null;
	targets: string[];
	openedAt: string;
	closedAt: string | null;
	openedBy: string;
	driver: string | null;
	watching: number;
	/** Steps that are dealt with: succeeded, skipped or not needed. */
	done: number;
	/** Of those, the ones that a person passed over. */
	skipped: number;
	/** Of those, the ones that had nothing to do. */
	notNeeded: number;
	steps: number;
	failed: number;
	/** The name of the step that runs or comes next. */
	at: string | null;
	atTitle: string | null;
	ticket: string | null;
}

/** Someone who has the session open now. */
export interface Presence {
	person: string;
	name: string;
	driving: boolean;
}

/** What a page needs to show a session; from then on it evolves `state` itself by the pushed events. */
export interface SessionSnapshot {
	state: SessionState;
	runbook: Runbook;
	presence: Presence[];
	/** The clusters that the session names, to be followed by `topology.watch`. */
	clusters: string[];
	/** Those that it was opened for, as they are configured now: what its environment goes by. */
	chosen: ChosenCluster[];
	/** The last reading of each of them that was read before; it may be old. */
	topologies: Topology[];
	/** The latest events, oldest first, for the timeline. */
	events: JoinedEvent[];
	/** How long a whole walk usually takes, in milliseconds; null when there was none. */
	usuallyMs: number | null;
	/** The names of its secrets whose value the server has: a restart forgets them all. */
	secretsHeld: string[];
	record: RecordHealth;
}

export interface RecordHealth {
	ok: boolean;
	since: string;
	detail?: string;
}

export interface SearchHit {
	session: string;
	title: string;
	step: string | null;
	/** The step as a person knows it. */
	stepTitle: string | null;
	run: string | null;
	/** `command`: of what was sent, as it was sent. */
	where: "command" | "output" | "value" | "note" | "title";
	at: string;
	/** Milliseconds into the run's recording, for output. */
	offsetMs: number | null;
	/** Plain text around the hit. */
	snippet: string;
	/** [start, end) pairs in the snippet. */
	matches: [number, number][];
}

export interface VerifySummary {
	ok: boolean;
	checked: { events: number; recordings: number; bytes: number };
	firstBad: JsonValue;
	reason: string | null;
	cannotTell: string[];
	at: string;
}

/** What each request answers. */
export interface Replies {
	"me.read": { person: string; name: string; assurance: string; version: string; signIn: string };
	"library.list": {
		runbooks: RunbookSummary[];
		problems: Problem[];
		active: SessionSummary[];
		targets: TargetSummary[];
	};
	"runbook.read": { runbook: Runbook; sessions: SessionSummary[]; targets: TargetSummary[] };
	"session.open": { session: string };
	"session.watch": SessionSnapshot;
	"session.unwatch": Record<string, never>;
	"session.close": { seq: number };
	"session.take-baton": { seq: number };
	"session.pass-baton": { seq: number };
	"value.set": { seq: number };
	"step.edit": { seq: number };
	"step.skip": { seq: number };
	"step.add": { seq: number; step: string };
	/** `unneeded`: as things stand no step's condition holds, so all of it would be passed over. */
	"plan.read": { plan: Plan; confirmation: "none" | "key" | "typed"; unneeded: boolean };
	"run.request": { runs: string[] };
	"run.cancel": { seq: number };
	"run.answer": { seq: number };
	"note.add": { seq: number };
	"session.events": { events: JoinedEvent[] };
	"record.list": { sessions: SessionSummary[] };
	"record.search": { hits: SearchHit[] };
	"record.verify": VerifySummary;
	"topology.watch": { topology: Topology | null };
	"topology.unwatch": Record<string, never>;
	"lab.list": { kinds: LabKindStatus[]; labs: LabStatus[] };
	"lab.watch": { kinds: LabKindStatus[]; labs: LabStatus[] };
	"lab.unwatch": Record<string, never>;
	"lab.up": { name: string };
	"lab.down": Record<string, never>;
	"lab.reset": Record<string, never>;
	"lab.fault": { healsAt: string };
	"lab.extend": { healsAt: string };
	"lab.heal": Record<string, never>;
	"lab.probe": Record<string, never>;
	"lab.logs": { lines: string[] };
}

export interface TargetSummary {
	name: string;
	kind: string;
	environment: Environment;
}

export type Reply<N extends RequestName> = { ok: true; data: Replies[N] } | { ok: false; problem: Problem };

/** Every push from server to browser. */
export interface Pushes {
	"session.events": { session: string; events: JoinedEvent[] };
	"session.presence": { session: string; presence: Presence[] };
	/** A run says what it waits for. Not recorded. */
	"run.progress": { session: string; run: string; waitingFor: string; sinceMs: number; timeoutMs: number };
	topology: { topology: Topology };
	"record.health": RecordHealth;
	"library.changed": Record<string, never>;
	/** A cluster has come, gone or moved: what follows one asks for it again. */
	"targets.changed": Record<string, never>;
	/** The file behind an open session has changed. */
	"runbook.changed": { path: string; digest: string };
	"lab.state": { labs: LabStatus[] };
	/** This sign-in has ended. */
	"signed-out": Record<string, never>;
}

export type PushName = keyof Pushes;

/** Plain HTTP addresses beside the socket. All need the cookie unless they say otherwise. */
export const httpRoutes = {
	/** GET shows a button, POST consumes the token (form field `token`, `name`). Open to all. */
	signIn: "/sign-in",
	signOut: "/sign-out",
	/** GET: 204 to whoever is signed in, 401 to anybody else. */
	signedIn: "/api/signed-in",
	health: "/healthz",
	metrics: "/metrics",
	/** GET ?start=&end= bytes of a run's cast file. */
	recording: (session: string, run: string) =>
		`/api/sessions/${encodeURIComponent(session)}/recordings/${encodeURIComponent(run)}`,
	/** GET a zip. */
	exportSession: (session: string) => `/api/sessions/${encodeURIComponent(session)}/export`,
	/** GET events joined, one JSON a line. */
	events: (session: string) => `/api/sessions/${encodeURIComponent(session)}/events`,
	/** POST raw picture bytes -> {sha256, mediaType, bytes}. */
	attachments: "/api/attachments",
	attachment: (sha256: string) => `/api/attachments/${sha256}`,
	/** GET a picture of a runbook's folder. */
	runbookFile: (path: string, file: string) =>
		`/api/runbook-files/${path.split("/").map(encodeURIComponent).join("/")}?file=${encodeURIComponent(file)}`,
	/** WebSocket of terminal bytes: see terminal-protocol.ts. */
	terminal: "/terminal",
	/** socket.io's path. */
	socket: "/socket",
} as const;
