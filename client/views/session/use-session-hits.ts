import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SearchHit } from "../../../core/protocol.ts";
import { problemOf } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";

/** What the record of one session holds of some words. */
export interface SessionHits {
	query: string;
	hits: readonly SearchHit[];
	problem: string | null;
}

const typingMs = 200;

/** Asks the server a moment after the last key. Hits come in the order of time. */
export function useSessionHits(session: string, query: string, answered: () => void) {
	const { connection } = useApp();
	const found = useSignal<SessionHits | null>(null);
	useEffect(() => {
		const wanted = query.trim();
		if (wanted === "") {
			found.value = null;
			return;
		}
		let stale = false;
		const timer = setTimeout(() => {
			connection.request("record.search", { query: wanted, session }).then(
				({ hits }) => {
					if (stale) return;
					answered();
					found.value = { query: wanted, hits: hits.toSorted((a, b) => a.at.localeCompare(b.at)), problem: null };
				},
				(thrown) => {
					if (!stale) found.value = { query: wanted, hits: [], problem: problemOf(thrown).detail };
				},
			);
		}, typingMs);
		return () => {
			stale = true;
			clearTimeout(timer);
		};
	}, [connection, found, session, query]);
	return found;
}
