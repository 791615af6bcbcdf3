import type { BadRecord, FirstBad } from "./bad-record.ts";

/** What a verification found. `cannotTell` says in words what no verification of this place can find. */
export interface VerifyReport {
	ok: boolean;
	/** What was looked at, up to the first bad place; `bytes` of events, contents, recordings and attachments. */
	checked: { events: number; recordings: number; bytes: number };
	firstBad: FirstBad | null;
	/** One sentence; null when all is well. */
	reason: string | null;
	cannotTell: string[];
}

/** What was met on the way that a reader of the report must know. */
export interface Caveats {
	scope: "server" | "session";
	openSessions: number;
	erased: number;
	selfDeclared: boolean;
	clockSetBack: number;
	/** Sessions without an opening head in the server's stream. */
	unheaded: string[];
	/** Recordings of runs that have not finished. */
	unvouched: number;
}

/** The plain words for what can't be told without an anchor held elsewhere, and for what was met on the way. */
export function cannotTell(caveats: Caveats): string[] {
	const told: string[] = [];
	const open =
		caveats.openSessions === 0
			? ""
			: ` ${count(caveats.openSessions, "session is", "sessions are")} open, so no closing head says where the end is.`;
	told.push(
		`Whether the end was cut off: events after the last ones that are here would leave no trace.${open} Only a head kept elsewhere can show it.`,
	);
	told.push(
		"Whether everything was written anew: who controls the disk (root) can make another record that fits together. Only a hash kept elsewhere, before that, can show it.",
	);
	if (caveats.scope === "session") {
		told.push("Whether there were other sessions: an export holds one. Verify the data folder for that.");
	}
	if (caveats.unheaded.length > 0) {
		told.push(
			`Whether ${caveats.unheaded.length === 1 ? "this session is" : "these sessions are"} the server's own: the server's stream does not know of ${caveats.unheaded.slice(0, 5).join(", ")}${caveats.unheaded.length > 5 ? " and others" : ""}. It may have died as they were opened.`,
		);
	}
	if (caveats.erased > 0) {
		told.push(
			`What ${count(caveats.erased, "erased text", "erased texts")} said: the proof that something of that length stood there is whole, the words are gone.`,
		);
	}
	if (caveats.unvouched > 0) {
		told.push(
			`Whether ${count(caveats.unvouched, "recording", "recordings")} of runs without an end in the record is whole: the event that would vouch for it was not written.`,
		);
	}
	if (caveats.selfDeclared) {
		told.push("Who the people were: they gave their names themselves (self-declared).");
	}
	told.push(
		caveats.clockSetBack === 0
			? "Whether the times are right: they are the server's own clock."
			: `Whether the times are right: they are the server's own clock, and it was set back ${count(caveats.clockSetBack, "time", "times")}.`,
	);
	return told;
}

/** The caveats of a place of which nothing has been read yet. */
export function noCaveats(scope: Caveats["scope"]): Caveats {
	return { scope, openSessions: 0, erased: 0, selfDeclared: false, clockSetBack: 0, unheaded: [], unvouched: 0 };
}

/** The report on a place that can't be read as a record at all. */
export function badReport(bad: BadRecord, scope: Caveats["scope"]): VerifyReport {
	return {
		ok: false,
		checked: { events: 0, recordings: 0, bytes: 0 },
		firstBad: bad.place,
		reason: bad.message,
		cannotTell: cannotTell(noCaveats(scope)),
	};
}

function count(n: number, one: string, many: string): string {
	return `${n} ${n === 1 ? one : many}`;
}
