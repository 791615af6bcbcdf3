import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { evolve } from "../../../core/evolve.ts";
import type { Problem } from "../../../core/problem.ts";
import type { Presence, Pushes, RecordHealth, SessionSnapshot } from "../../../core/protocol.ts";
import { type Runbook, type StepSpec, type Unit, unitsOf } from "../../../core/runbook.ts";
import { type ChosenCluster, sessionEnvironment } from "../../../core/session-environment.ts";
import type { JoinedEvent } from "../../../core/session-event.ts";
import {
	activeRuns,
	type NoteState,
	nextStep,
	type RunState,
	type SessionState,
	type StepState,
} from "../../../core/session-state.ts";
import type { Environment, Topology } from "../../../core/target.ts";
import { type Connection, problemOf } from "../../connection/connection.ts";
import type { Clock } from "../../shell/clock.ts";
import { sameItems, settled } from "./settled.ts";
import { specsOf } from "./step-specs.ts";
import { changesBetween, type TopologyChange } from "./topology/topology-changes.ts";

/** A topology as the page holds it: with what changed lately and when it was read (Unix milliseconds of the server's clock). */
export interface WatchedTopology {
	topology: Topology;
	readAt: number;
	changes: readonly (TopologyChange & { at: number })[];
}

export interface RunProgress {
	waitingFor: string;
	sinceMs: number;
	timeoutMs: number;
	/** When it was heard, Unix milliseconds of the server's clock. */
	at: number;
}

/** A session as this page follows it. Signals are null until the snapshot has come. */
export interface SessionStore {
	session: string;
	failed: ReadonlySignal<Problem | null>;
	state: ReadonlySignal<SessionState | null>;
	runbook: ReadonlySignal<Runbook | null>;
	/** Steps as they stand now: the runbook's with their edits, and those added. */
	specs: ReadonlySignal<ReadonlyMap<string, StepSpec>>;
	units: ReadonlySignal<readonly Unit[]>;
	/** The unit that is to be done next; null when all are done or the session is closed. */
	next: ReadonlySignal<Unit | null>;
	/** Runs that have begun and not ended. */
	active: ReadonlySignal<readonly RunState[]>;
	/** The step whose run ended last. */
	latest: ReadonlySignal<string | null>;
	/** Whether nothing runs. */
	idle: ReadonlySignal<boolean>;
	/** One step, one run: moves when that one does. */
	step(name: string): ReadonlySignal<StepState | undefined>;
	run(id: string): ReadonlySignal<RunState | undefined>;
	notes: ReadonlySignal<readonly NoteState[]>;
	presence: ReadonlySignal<readonly Presence[]>;
	topologies: ReadonlySignal<ReadonlyMap<string, WatchedTopology>>;
	/** The latest events, oldest first. */
	events: ReadonlySignal<readonly JoinedEvent[]>;
	record: ReadonlySignal<RecordHealth | null>;
	progress: ReadonlySignal<ReadonlyMap<string, RunProgress>>;
	usuallyMs: ReadonlySignal<number | null>;
	/** Where the session stands; null while nothing tells. */
	environment: ReadonlySignal<Environment | null>;
	reload(): void;
	/** Takes what was heard and waits for a frame: after an answer, the page must not be behind it. */
	flush(): void;
	/** Stops following. */
	dispose(): void;
}

/** How far behind a page fetches events one by one; beyond it a new snapshot is cheaper. */
const catchUpEvents = 1_000;
const keptEvents = 20_000;
const changeShownMs = 30_000;

/** Follows a session: one snapshot, then events applied by `evolve`; what is missing between is fetched. */
export function followSession(session: string, connection: Connection, clock: Clock): SessionStore {
	const failed = signal<Problem | null>(null);
	const state = signal<SessionState | null>(null);
	const runbook = signal<Runbook | null>(null);
	const presence = signal<readonly Presence[]>([]);
	const topologies = signal<ReadonlyMap<string, WatchedTopology>>(new Map());
	const events = signal<readonly JoinedEvent[]>([]);
	const record = signal<RecordHealth | null>(null);
	const progress = signal<ReadonlyMap<string, RunProgress>>(new Map());
	const usuallyMs = signal<number | null>(null);
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
		connection.request("session.watch", { session }).then(
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

	function hearTopology(topology: Topology): void {
		const before = topologies.peek().get(topology.cluster);
		if (before && before.topology.readAt >= topology.readAt) return;
		// The first one heard may have been read long ago, for another session; what follows on it is fresh.
		if (before) clock.observe(topology.readAt);
		const now = clock.read();
		const changes = before ? changesBetween(before.topology, topology).map((change) => ({ ...change, at: now })) : [];
		const kept = (before?.changes ?? []).filter((change) => now - change.at < changeShownMs);
		const next = new Map(topologies.peek());
		next.set(topology.cluster, {
			topology,
			readAt: Math.min(now, Date.parse(topology.readAt)),
			changes: changes.length === 0 ? kept : [...kept, ...changes],
		});
		topologies.value = next;
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

	const stops: (() => void)[] = [];
	function settle<T>(compute: () => T, same?: (before: T, now: T) => boolean): ReadonlySignal<T> {
		const { value, stop } = settled(compute, same);
		stops.push(stop);
		return value;
	}
	const steps = new Map<string, Signal<StepState | undefined>>();
	const runs = new Map<string, Signal<RunState | undefined>>();
	stops.push(
		effect(() => {
			const now = state.value;
			for (const [name, step] of steps) step.value = now?.steps[name];
			for (const [id, run] of runs) run.value = now?.runs[id];
		}),
	);
	/** What changes the text of steps: edits and additions. */
	const texts = settle(() =>
		Object.values(state.value?.steps ?? {})
			.map((step) => `${step.edited?.body.ref ?? ""}${step.added === undefined ? "" : step.name}`)
			.join(),
	);
	const specs = computed(() => {
		texts.value;
		const now = state.peek();
		return now && runbook.value ? specsOf(now, runbook.value) : new Map<string, StepSpec>();
	});
	const outline = computed(
		() => state.value?.order.map((name) => `${name}\n${state.value?.steps[name]?.group ?? ""}`).join("\n\n") ?? "",
	);
	const units = computed(() => {
		outline.value;
		const now = state.peek();
		return now ? unitsOf(now.order.map((name) => ({ name, group: now.steps[name]?.group }))) : [];
	});
	const nextName = computed(() => (state.value && state.value.status !== "closed" ? nextStep(state.value) : null));
	const next = settle(() => units.value.find((unit) => unit.steps.includes(nextName.value ?? "")) ?? null);
	const active = settle(() => (state.value ? activeRuns(state.value) : []), sameItems);
	const idle = settle(() => active.value.length === 0);
	const latest = settle(() => latestEnded(state.value));
	const environment = settle(() => (state.value ? sessionEnvironment(state.value, chosen.value) : null));
	const notes = settle((): readonly NoteState[] => state.value?.notes ?? []);

	return {
		session,
		failed,
		state,
		runbook,
		specs,
		units,
		next,
		active,
		latest,
		idle,
		step: (name) => keptSignal(steps, name, () => state.peek()?.steps[name]),
		run: (id) => keptSignal(runs, id, () => state.peek()?.runs[id]),
		notes,
		presence,
		topologies,
		events,
		record,
		progress,
		usuallyMs,
		environment,
		reload: watch,
		flush: takeHeard,
		dispose() {
			disposed = true;
			for (const stop of [...off, ...stops]) stop();
			for (const cluster of followed) connection.request("topology.unwatch", { cluster }).catch(() => {});
			connection.request("session.unwatch", { session }).catch(() => {});
		},
	};
}

/** A step that was added, or another value, may name a cluster that nobody has looked at yet. */
function mayNameCluster({ type, data }: JoinedEvent): boolean {
	return type === "step.added" || (type === "value.set" && data.source === "person");
}

function keptSignal<T>(kept: Map<string, Signal<T>>, key: string, now: () => T): ReadonlySignal<T> {
	let one = kept.get(key);
	if (!one) {
		one = signal(now());
		kept.set(key, one);
	}
	return one;
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

function latestEnded(state: SessionState | null): string | null {
	let step: string | null = null;
	let at = "";
	for (const run of Object.values(state?.runs ?? {})) {
		if (run.finishedAt !== undefined && run.finishedAt >= at) {
			at = run.finishedAt;
			step = run.step;
		}
	}
	return step;
}

/** Two stretches of events as one, each once, by their sequence. */
export function joinEvents(known: readonly JoinedEvent[], more: readonly JoinedEvent[]): readonly JoinedEvent[] {
	const last = known.at(-1)?.seq ?? 0;
	const first = more[0]?.seq ?? 0;
	// The usual case: what comes follows on.
	if (first === last + 1 || known.length === 0) return [...known, ...more].slice(-keptEvents);
	const bySeq = new Map([...known, ...more].map((event) => [event.seq, event]));
	return [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(-keptEvents);
}
