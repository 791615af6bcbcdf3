import type { Caller } from "../sessions/sessions.ts";
import type { ServerJournal } from "./server-journal.ts";

/** A page reads a record in many pieces; within this long, in milliseconds, they are one reading. */
const oneReadingMs = 10 * 60_000;
const mostRemembered = 5_000;

/** What was read of the record. */
export interface Reading {
	what: "record" | "recording" | "search" | "export" | "attachment";
	session?: string;
	detail?: string;
}

/** Records who reads what: reading, searching and exporting the record are events too. */
export interface Reads {
	read(caller: Caller, reading: Reading): Promise<void>;
}

/**
 * `failed` is told when the record can't be written: who has to look at a cluster in trouble is not kept out by a full disk.
 * `now` in Unix milliseconds.
 */
export function openReads(journal: ServerJournal, now: () => number, failed: (error: unknown) => void): Reads {
	const lately = new Map<string, number>();
	return {
		async read(caller, reading) {
			const { what, session, detail } = reading;
			const key = JSON.stringify([caller.identity.signIn, what, session, detail]);
			const last = lately.get(key);
			if (what !== "export" && last !== undefined && now() - last < oneReadingMs) return;
			lately.delete(key);
			lately.set(key, now());
			const oldest = lately.keys().next().value;
			if (lately.size > mostRemembered && oldest !== undefined) lately.delete(oldest);
			try {
				await journal.append(
					{
						type: "access.read",
						data: {
							what,
							...(session === undefined ? {} : { session }),
							...(detail === undefined ? {} : { detail: { content: detail } }),
						},
					},
					caller.identity,
					caller.origin,
				);
			} catch (error) {
				lately.delete(key);
				failed(error);
			}
		},
	};
}
