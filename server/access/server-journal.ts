import { type Actor, systemActor } from "../../core/access.ts";
import { ProblemError } from "../../core/problem.ts";
import { type Origin, type ServerEventDraft, serverStream } from "../../core/session-event.ts";
import type { EventStore } from "../records/event-store.ts";

/** Where the server's own events come from. */
export const serverOrigin: Origin = { address: "local", userAgent: "runledger" };

/** How often a lost race for the stream's next place is run again before it counts as a failure. */
const mostRaces = 50;

/** The server's own stream. Resolves when the event is durable. */
export interface ServerJournal {
	append(draft: ServerEventDraft, actor?: Actor, origin?: Origin): Promise<void>;
	/** Resolves when everything appended so far is durable or has failed. */
	settled(): Promise<void>;
}

/** Opens the server's stream of a store. Several writers may use the stream at once: a lost race is run again. */
export function openServerJournal(store: EventStore): ServerJournal {
	let seq = store.heads().find((head) => head.stream === serverStream)?.seq ?? 0;
	let tail: Promise<unknown> = Promise.resolve();

	async function appendNow(draft: ServerEventDraft, actor: Actor, origin: Origin): Promise<void> {
		for (let race = 0; ; race++) {
			try {
				const appended = await store.append(serverStream, seq, [{ actor, origin, draft }]);
				seq = appended.at(-1)?.seq ?? seq + 1;
				return;
			} catch (error) {
				const lost = error instanceof ProblemError && error.problem.code === "record-conflict";
				if (!lost || race >= mostRaces) throw error;
				seq = store.heads().find((head) => head.stream === serverStream)?.seq ?? 0;
			}
		}
	}

	return {
		append(draft, actor = systemActor, origin = serverOrigin) {
			const turn = tail.then(() => appendNow(draft, actor, origin));
			tail = turn.catch(() => undefined);
			return turn;
		},
		async settled() {
			await tail;
		},
	};
}
