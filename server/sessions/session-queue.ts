import { type Actor, systemActor } from "../../core/access.ts";
import { decide } from "../../core/decide.ts";
import { evolve, replay } from "../../core/evolve.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import type { SessionCommand } from "../../core/session-command.ts";
import type { JoinedEvent, Origin } from "../../core/session-event.ts";
import { newSession, type SessionState } from "../../core/session-state.ts";
import type { EventStore } from "../records/event-store.ts";

/**
 * One session: its state and the one queue through which it changes.
 * The order is decide, append, evolve, publish; whoever asked acts afterwards.
 */
export class SessionQueue {
	readonly session: string;
	readonly #store: EventStore;
	readonly #publish: (session: string, events: JoinedEvent[]) => void;
	#state: SessionState;
	#tail: Promise<unknown> = Promise.resolve();

	private constructor(
		session: string,
		store: EventStore,
		publish: (session: string, events: JoinedEvent[]) => void,
		state: SessionState,
	) {
		this.session = session;
		this.#store = store;
		this.#publish = publish;
		this.#state = state;
	}

	/** A session that has no events yet. */
	static create(
		session: string,
		store: EventStore,
		publish: (session: string, events: JoinedEvent[]) => void,
	): SessionQueue {
		return new SessionQueue(session, store, publish, newSession(session));
	}

	/** A session as its events left it. */
	static load(
		session: string,
		store: EventStore,
		publish: (session: string, events: JoinedEvent[]) => void,
	): SessionQueue {
		return new SessionQueue(session, store, publish, replay(session, store.read(session)));
	}

	get state(): SessionState {
		return this.#state;
	}

	/**
	 * Gives one command its turn. Resolves with the events once they are durable and published; none when the command
	 * changes nothing. Throws the problem that refuses it.
	 */
	apply(command: SessionCommand, actor: Actor, origin: Origin, system = false): Promise<JoinedEvent[]> {
		const turn = this.#tail.then(async () => {
			const decided = decide(this.#state, command, actor, { system });
			if (isProblem(decided)) throw ProblemError.of(decided);
			if (decided.length === 0) return [];
			const events = await this.#store.append(
				this.session,
				this.#state.seq,
				decided.map((draft) => ({ actor, origin, draft })),
			);
			for (const event of events) this.#state = evolve(this.#state, event);
			this.#publish(this.session, events);
			return events;
		});
		// A refusal is its caller's affair; the next in the queue goes on.
		this.#tail = turn.catch(() => undefined);
		return turn;
	}

	/** Gives a command of the server's own its turn: no person asks for it, and none may. */
	applyAsServer(command: SessionCommand): Promise<JoinedEvent[]> {
		return this.apply(command, systemActor, { address: "", userAgent: "runledger" }, true);
	}
}
