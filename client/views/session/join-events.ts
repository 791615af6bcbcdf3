import type { JoinedEvent } from "../../../core/session-event.ts";

const keptEvents = 20_000;

/** Two stretches of events as one, each once, by their sequence. */
export function joinEvents(known: readonly JoinedEvent[], more: readonly JoinedEvent[]): readonly JoinedEvent[] {
	const last = known.at(-1)?.seq ?? 0;
	const first = more[0]?.seq ?? 0;
	// The usual case: what comes follows on.
	if (first === last + 1 || known.length === 0) return [...known, ...more].slice(-keptEvents);
	const bySeq = new Map([...known, ...more].map((event) => [event.seq, event]));
	return [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(-keptEvents);
}
