import { type JoinedEvent, type ServerEventDraft, serverStream } from "../../core/session-event.ts";
import type { EventStore } from "./event-store.ts";

/** What the server's own stream keeps of a session's opening or closing event, so that a missing session is found. */
export function sessionHead(event: Pick<JoinedEvent, "stream" | "seq" | "hash" | "type">): ServerEventDraft {
	const at = event.type === "session.closed" ? "closed" : "opened";
	return { type: "session.head", data: { session: event.stream, at, seq: event.seq, hash: event.hash } };
}

/** The heads that a death between a session's event and the server's has left out. Appended at the start. */
export function missingSessionHeads(store: Pick<EventStore, "heads" | "read">): ServerEventDraft[] {
	const known = new Set<string>();
	for (const { type, data } of store.read(serverStream)) {
		if (type === "session.head") known.add(`${data.session} ${data.at}`);
	}
	const missing: ServerEventDraft[] = [];
	for (const { stream } of store.heads()) {
		if (stream === serverStream) continue;
		for (const at of ["opened", "closed"] as const) {
			if (known.has(`${stream} ${at}`)) continue;
			const event = store.read(stream).find(({ type }) => type === `session.${at}`);
			if (event) missing.push(sessionHead(event));
		}
	}
	return missing;
}
