import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { evolve } from "../../../core/evolve.ts";
import type { Problem } from "../../../core/problem.ts";
import type { Presence, Pushes, RecordHealth, SessionSnapshot } from "../../../core/protocol.ts";
import type { Runbook } from "../../../core/runbook.ts";
import type { ChosenCluster } from "../../../core/session-environment.ts";
import type { JoinedEvent } from "../../../core/session-event.ts";
import type { SessionState } from "../../../core/session-state.ts";
import { type Connection, problemOf } from "../../connection/connection.ts";
import type { Clock } from "../../shell/clock.ts";
import { joinEvents } from "./join-events.ts";
import { type WatchedTopology, watchTopologies } from "./topology/watched-topologies.ts";

export interface RunProgress {
	waitingFor: string;
	sinceMs: number;
	timeoutMs: number;
	/** When it was heard, Unix milliseconds of the server's clock. */
	at: number;
}

/** What the server has said of a session so far. Signals are null until the snapshot has come. */
export interface HeardSession {
	session: string;
	failed: ReadonlySignal<Problem | null>;
	state: ReadonlySignal<SessionState | null>;
	runbook: ReadonlySignal<Runbook | null>;
	presence: ReadonlySignal<readonly Presence[]>;
	topologies: ReadonlySignal<ReadonlyMap<string, WatchedTopology>>;
	/** The latest events, oldest first. */
	events: ReadonlySignal<readonly JoinedEvent[]>;
	record: ReadonlySignal<RecordHealth | null>;
	progress: ReadonlySignal<ReadonlyMap<string, RunProgress>>;
	usuallyMs: ReadonlySignal<number | null>;
	/** The secrets whose value the server has, by name. */
	secretsHeld: ReadonlySignal<ReadonlySet<string>>;
	/** The clusters that were chosen for it. */
	chosen: ReadonlySignal<readonly ChosenCluster[]>;
	reload(): void;
	/** Takes what was heard and waits for a frame: after an answer, the page must not be behind it. */
	flush(): void;
	/** Stops following. */
	dispose(): void;
}

/** Who reads a record joins nobody; it stands in the record all the same that it was read. */
export type WatchesAs = "participant" | "reader";

/** How far behind a page fetches events one by one; beyond it a new snapshot is cheaper. */
const catchUpEvents = 1_000;

/** Follows a session: one snapshot, then events applied by `evolve`; what is missing between is fetched. */
export function hearSession(
	session: string,
	connection: Connection,
	clock: Clock,
	as: WatchesAs = "participant",
): HeardSession {
	const failed = signal<Problem | null>(null);
	const state = signal<SessionState | null>(null);
	const runbook = signal<Runbook | null>(null);
	const presence = signal<readonly Presence[]>([]);
	const { topologies, hear: hearTopology } = watchTopologies(clock);
	const events = signal<readonly JoinedEvent[]>([]);
	const record = signal<RecordHealth | null>(null);
	const progress = signal<ReadonlyMap<string, RunProgress>>(new Map());
	const usuallyMs = signal<number | null>(null);
	const secretsHeld = signal<ReadonlySet<string>>(new Set());
	const chosen = signal<readonly ChosenCluster[]>([]);
	const followed = new Set<string>();
	let disposed = false;
	let watching = 0;
	let catchingUp = false;

	function take(snapshot: SessionSnapshot): void {
		batch(() => {
			failed.value = null;
			state.value = snapshot.state;
			if (runbook.peek()?.digest !== snapshot.runbook.digest) runbook.value = snapshot.runbook;
			presence.value = snapshot.presence;
			events.value = joinEvents(events.peek(), snapshot.events);
			record.value = snapshot.record;
			usuallyMs.value = snapshot.usuallyMs;
			secretsHeld.value = new Set(snapshot.secretsHeld);
			chosen.value = snapshot.chosen;
			for (const topology of snapshot.topologies) hearTopology(topology);
		});
		if (heardEvents.length > 0) takeHeard();
		for (const cluster of snapshot.clusters) {
			followed.add(cluster);
			// Without its cluster the document still works; the panel says that nothing is followed.
			connection.request("topology.watch", { cluster }).catch(() => {});
		}
	}

	function watch(): void {
		const mine = ++watching;
		connection.request("session.watch", { session, as }).then(
			// Reading the answer is one task of the page, drawing it another.
			(snapshot) =>
				setTimeout(() => {
					if (!disposed && mine === watching) take(snapshot);
				}),
			(thrown) => {
				if (!disposed && mine === watching && state.peek() === null) failed.value = problemOf(thrown);
			},
		);
	}

	/** Applies what follows on; gives false when something between is missing. */
	function apply(incoming: readonly JoinedEvent[]): boolean {
		let now = state.peek();
		if (!now) return true;
		const applied: JoinedEvent[] = [];
		for (const event of incoming) {
			if (event.seq <= now.seq) continue;
			if (event.seq !== now.seq + 1) break;
			now = evolve(now, event);
			applied.push(event);
		}
		if (applied.length > 0) {
			batch(() => {
				state.value = now;
				events.value = joinEvents(events.peek(), applied);
				const given = applied.filter(givesSecret).map(({ data }) => String(data.name));
				if (given.length > 0) secretsHeld.value = new Set([...secretsHeld.peek(), ...given]);
				forgetProgress(now as SessionState);
			});
		}
		const last = incoming.at(-1);
		return last === undefined || last.seq <= (now as SessionState).seq;
	}

	async function catchUp(upTo: number): Promise<void> {
		if (catchingUp) return;
		catchingUp = true;
		try {
			while (!disposed) {
				const from = state.peek()?.seq ?? 0;
				if (from >= upTo) return;
				if (upTo - from > catchUpEvents) return watch();
				const { events: missing } = await connection.request("session.events", {
					session,
					afterSeq: from,
					limit: 1000,
				});
				if (missing.length === 0 || !apply(missing)) return watch();
			}
		} catch {
			// The line is down; the reconnect takes a new snapshot.
		} finally {
			catchingUp = false;
		}
	}

	function forgetProgress(now: SessionState): void {
		const known = progress.peek();
		if (known.size === 0) return;
		const left = new Map([...known].filter(([run]) => now.runs[run]?.status === "started"));
		if (left.size !== known.size) progress.value = left;
	}

	function hearProgress(heard: Pushes["run.progress"]): void {
		if (heard.session !== session) return;
		const next = new Map(progress.peek());
		const { waitingFor, sinceMs, timeoutMs } = heard;
		next.set(heard.run, { waitingFor, sinceMs, timeoutMs, at: clock.read() });
		progress.value = next;
	}

	/** Events that come within one frame are one change of the page. */
	let heardEvents: JoinedEvent[] = [];
	function takeHeard(): void {
		const heard = heardEvents;
		// What comes before the snapshot waits for it.
		if (disposed || state.peek() === null) return;
		heardEvents = [];
		if (heard.length === 0) return;
		const last = heard.at(-1);
		if (!apply(heard) && last) void catchUp(last.seq);
		if (heard.some(mayNameCluster)) watch();
	}

	const off = [
		connection.onPush("session.events", (heard) => {
			if (heard.session !== session) return;
			const last = heard.events.at(-1);
			if (last) clock.observe(last.at);
			if (heardEvents.length === 0) atFrame(takeHeard);
			heardEvents.push(...heard.events);
		}),
		connection.onPush("session.presence", (heard) => {
			if (heard.session === session) presence.value = heard.presence;
		}),
		connection.onPush("topology", ({ topology }) => {
			if (followed.has(topology.cluster)) hearTopology(topology);
		}),
		connection.onPush("run.progress", hearProgress),
		connection.onPush("record.health", (health) => {
			record.value = health;
		}),
		connection.onReconnect(watch),
		// The snapshot names the clusters that there are now; each is followed anew.
		connection.onPush("targets.changed", watch),
	];
	watch();

	return {
		session,
		failed,
		state,
		runbook,
		presence,
		topologies,
		events,
		record,
		progress,
		usuallyMs,
		secretsHeld,
		chosen,
		reload: watch,
		flush: takeHeard,
		dispose() {
			disposed = true;
			for (const stop of off) stop();
			for (const cluster of followed) connection.request("topology.unwatch", { cluster }).catch(() => {});
			connection.request("session.unwatch", { session }).catch(() => {});
		},
	};
}

/** A step that was added, or another value, may name a cluster that nobody has looked at yet. */
function mayNameCluster({ type, data }: JoinedEvent): boolean {
	return type === "step.added" || (type === "value.set" && data.source === "person");
}

/** What was just recorded of a secret, without its value: the server that recorded it has that. */
function givesSecret({ type, data }: JoinedEvent): boolean {
	return type === "value.set" && data.secret === true;
}

/** With the next frame; a page that nobody looks at draws none, and does it soon all the same. */
function atFrame(run: () => void): void {
	const once = () => {
		cancelAnimationFrame(frame);
		clearTimeout(timer);
		run();
	};
	const frame = requestAnimationFrame(once);
	const timer = setTimeout(once, 100);
}
