import type { Presence } from "../../core/protocol.ts";
import type { Caller, Sessions } from "../sessions/sessions.ts";

/** After somebody's last page has gone, so long, in milliseconds, until the record says that they left: a reload is no leaving. */
const leaveAfterMs = 10_000;

interface Present {
	caller: Caller;
	/** The pages, by socket id. */
	sockets: Set<string>;
	leaving: NodeJS.Timeout | null;
}

/** Who has which session open now. Joining and leaving are events of the session; a reload in between is not. */
export class PresenceBook {
	readonly #sessions: Sessions;
	readonly #changed: (session: string, presence: Presence[]) => void;
	readonly #failed: (error: unknown) => void;
	readonly #present = new Map<string, Map<string, Present>>();

	constructor(
		sessions: Sessions,
		changed: (session: string, presence: Presence[]) => void,
		failed: (error: unknown) => void,
	) {
		this.#sessions = sessions;
		this.#changed = changed;
		this.#failed = failed;
	}

	/** A page opens the session. Resolves when the joining is recorded; on a closed session nobody joins. */
	async enter(session: string, caller: Caller, socket: string): Promise<void> {
		const people = this.#present.get(session) ?? new Map<string, Present>();
		this.#present.set(session, people);
		const known = people.get(caller.identity.id);
		if (known) {
			if (known.leaving) clearTimeout(known.leaving);
			known.leaving = null;
			known.sockets.add(socket);
			this.#changed(session, this.of(session));
			return;
		}
		people.set(caller.identity.id, { caller, sockets: new Set([socket]), leaving: null });
		this.#changed(session, this.of(session));
		const state = this.#sessions.state(session);
		if (state.status !== "open" || state.participants[caller.identity.id]?.present === true) return;
		try {
			await this.#sessions.join(session, caller);
		} catch (error) {
			// Looking at a session must be possible while the record can't be written.
			this.#failed(error);
		}
	}

	/** A page closes the session, or is gone. */
	exit(session: string, person: string, socket: string): void {
		const known = this.#present.get(session)?.get(person);
		if (!known?.sockets.delete(socket) || known.sockets.size > 0) return;
		known.leaving = setTimeout(() => void this.#leave(session, known.caller), leaveAfterMs);
		known.leaving.unref();
		this.#changed(session, this.of(session));
	}

	/** Who has it open. */
	of(session: string): Presence[] {
		const people = this.#present.get(session);
		if (!people) return [];
		const driver = this.#sessions.state(session).driver;
		return [...people.values()]
			.filter((p) => p.sockets.size > 0)
			.map(({ caller: { identity } }) => ({
				person: identity.id,
				name: identity.name,
				driving: identity.id === driver,
			}));
	}

	/** How many have it open beside the one who drives. */
	watching(session: string): number {
		return this.of(session).filter((present) => !present.driving).length;
	}

	/** Tells who drives now, after the baton was passed. */
	refresh(session: string): void {
		if (this.#present.has(session)) this.#changed(session, this.of(session));
	}

	/** Records the leaving of everybody who is on the way out, and forgets all. */
	async close(): Promise<void> {
		const leaving: Promise<void>[] = [];
		for (const [session, people] of this.#present) {
			for (const present of people.values()) {
				if (present.leaving) clearTimeout(present.leaving);
				leaving.push(this.#leave(session, present.caller));
			}
		}
		await Promise.all(leaving);
		this.#present.clear();
	}

	async #leave(session: string, caller: Caller): Promise<void> {
		const people = this.#present.get(session);
		people?.delete(caller.identity.id);
		if (people?.size === 0) this.#present.delete(session);
		try {
			const state = this.#sessions.state(session);
			if (state.status !== "open" || state.participants[caller.identity.id]?.present !== true) return;
			await this.#sessions.leave(session, caller);
		} catch (error) {
			this.#failed(error);
		}
	}
}
