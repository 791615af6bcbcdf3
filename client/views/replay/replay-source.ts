import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../../core/problem.ts";
import type { JoinedEvent } from "../../../core/session-event.ts";
import { type Connection, problemOf } from "../../connection/connection.ts";
import type { Clock } from "../../shell/clock.ts";
import { followSession, type SessionStore } from "../session/session-store.ts";
import { beatsOf, type ReplayRecordings, replayRecordings } from "./replay-recordings.ts";
import { type ReplayTimeline, replayTimeline } from "./replay-timeline.ts";

/** A session as a replay reads it: every event from the first, its recordings, and both on one line of time. */
export interface ReplaySource {
	store: SessionStore;
	events: ReadonlySignal<readonly JoinedEvent[]>;
	/** Null until every event has been read. */
	timeline: ReadonlySignal<ReplayTimeline | null>;
	recordings: ReplayRecordings;
	/** Whether the recordings that are fetched ahead are here, so that idle times are known. */
	settled: ReadonlySignal<boolean>;
	failed: ReadonlySignal<Problem | null>;
	reload(): void;
	dispose(): void;
}

const eventsAtOnce = 2_000;
const runningPollMs = 1_000;

/** Reads a session from its first event; one that is still open goes on growing. */
export function readSession(session: string, connection: Connection, clock: Clock): ReplaySource {
	const store = followSession(session, connection, clock, "reader");
	const recordings = replayRecordings(session);
	const events = signal<readonly JoinedEvent[]>([]);
	const complete = signal(false);
	const settled = signal(false);
	const readProblem = signal<Problem | null>(null);
	let disposed = false;
	let reading = false;

	async function readAll(): Promise<void> {
		if (reading) return;
		reading = true;
		try {
			while (!disposed) {
				const afterSeq = events.peek().at(-1)?.seq ?? 0;
				const answer = await connection.request("session.events", { session, afterSeq, limit: eventsAtOnce });
				if (answer.events.length > 0) events.value = [...events.peek(), ...answer.events];
				if (answer.events.length < eventsAtOnce) break;
			}
			batch(() => {
				complete.value = true;
				readProblem.value = null;
			});
		} catch (thrown) {
			if (!complete.peek()) readProblem.value = problemOf(thrown);
		} finally {
			reading = false;
		}
	}

	const timeline = computed(() => {
		if (!complete.value) return null;
		const beats = new Map<string, number[]>();
		for (const [run, recording] of recordings.byRun.value) {
			if (recording.whole && recording.cutOf === null) beats.set(run, beatsOf(recording.events));
		}
		return replayTimeline(session, events.value, beats);
	});

	const stops = [
		// What is pushed to the page follows on; anything missing between is read.
		effect(() => {
			const known = store.events.value;
			const last = known.at(-1)?.seq ?? 0;
			if (!complete.value || last <= (events.peek().at(-1)?.seq ?? 0)) return;
			void readAll();
		}),
		effect(() => {
			const runs = timeline.value?.runs;
			if (!runs || settled.peek()) return;
			void recordings.loadAll(runs.map((run) => run.state)).then(() => {
				if (!disposed) settled.value = true;
			});
		}),
	];
	const poll = setInterval(() => {
		for (const run of timeline.peek()?.runs ?? []) {
			const known = recordings.byRun.peek().get(run.run);
			if (run.finishedAt === null || (known && !known.whole)) void recordings.load(run.state);
		}
	}, runningPollMs);
	void readAll();

	return {
		store,
		events,
		timeline,
		recordings,
		settled,
		failed: computed(() => (events.value.length > 0 ? null : (readProblem.value ?? store.failed.value))),
		reload() {
			store.reload();
			void readAll();
		},
		dispose() {
			disposed = true;
			clearInterval(poll);
			for (const stop of stops) stop();
			recordings.dispose();
			store.dispose();
		},
	};
}
