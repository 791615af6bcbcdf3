import { ProblemError } from "../../core/problem.ts";
import { type JoinedEvent, serverStream } from "../../core/session-event.ts";
import type { EventStore, StreamHead } from "../records/event-store.ts";
import { SessionQueue } from "./session-queue.ts";

type Listener = (session: string, events: JoinedEvent[]) => void;

/** The sessions of a record, each read when it is first asked for, and what is published by any of them. */
export class SessionQueues {
	readonly #store: EventStore;
	readonly #queues = new Map<string, SessionQueue>();
	readonly #listeners = new Set<Listener>();
	readonly #sessionOfRun = new Map<string, string>();
	readonly #lastEventAt = new Map<string, string>();

	constructor(store: EventStore) {
		this.#store = store;
	}

	/** Throws `session-unknown`. */
	of(session: string): SessionQueue {
		const known = this.#queues.get(session);
		if (known) return known;
		const queue = SessionQueue.load(session, this.#store, this.#publish);
		if (session === serverStream || queue.state.status === "new") {
			throw new ProblemError("session-unknown", `There is no session ${session}.`);
		}
		this.#queues.set(session, queue);
		for (const run of Object.keys(queue.state.runs)) this.#sessionOfRun.set(run, session);
		return queue;
	}

	/** A session without events, which nobody else finds before it is kept. */
	create(session: string): SessionQueue {
		return SessionQueue.create(session, this.#store, this.#publish);
	}

	keep(queue: SessionQueue): void {
		this.#queues.set(queue.session, queue);
	}

	/** Where the events of each session end. */
	heads(): StreamHead[] {
		return this.#store.heads().filter(({ stream }) => stream !== serverStream);
	}

	sessionOf(run: string): string | null {
		return this.#sessionOfRun.get(run) ?? null;
	}

	/** When its last event was, ISO 8601. */
	lastEventAt({ stream, seq }: StreamHead): string {
		const at = this.#lastEventAt.get(stream) ?? this.#store.read(stream, seq - 1, 1)[0]?.at ?? "";
		this.#lastEventAt.set(stream, at);
		return at;
	}

	/** Calls back with the events of every session once they are durable; returns the way to stop. */
	follow(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	readonly #publish: Listener = (session, events) => {
		for (const event of events) {
			this.#lastEventAt.set(session, event.at);
			if (event.type === "run.requested") {
				for (const { run } of event.data.runs as { run: string }[]) this.#sessionOfRun.set(run, session);
			}
		}
		for (const listener of this.#listeners) listener(session, events);
	};
}
