import type { JsonValue } from "../../core/json.ts";
import { ProblemError } from "../../core/problem.ts";
import type { RequestName } from "../../core/protocol.ts";
import type { Reads } from "../access/reads.ts";
import type { RunRequest, Sessions } from "../sessions/sessions.ts";
import type { PresenceBook } from "./presence.ts";
import { type Handlers, rooms } from "./request-context.ts";

export type SessionNames = Extract<
	RequestName,
	`session.${string}` | `value.${string}` | `step.${string}` | `plan.${string}` | `run.${string}` | `note.${string}`
>;

/** What the session's page asks for. */
export function sessionRequests(parts: {
	sessions: Sessions;
	presence: PresenceBook;
	reads: Reads;
	/** Told of a unit that ends with something that is not its own outcome: a defect. */
	failed(error: unknown): void;
}): Handlers<SessionNames> {
	const { sessions, presence, reads, failed } = parts;
	return {
		"session.open": async ({ path, kind, ticket, values }, { caller }) => ({
			session: await sessions.open(
				{ path, kind, values: values as Record<string, JsonValue>, ...(ticket ? { ticket } : {}) },
				caller,
			),
		}),
		"session.watch": async ({ session, as }, page) => {
			const { status } = sessions.state(session);
			page.keep(`session:${session}`, () => {
				page.exit(rooms.session(session));
				presence.exit(session, page.caller.identity.id, page.socket);
			});
			// After what a page that watches already has kept, which leaves the room. Before the snapshot: whatever happens
			// after it was taken is pushed, and the page drops what it has.
			page.enter(rooms.session(session));
			try {
				if (as !== "reader") await presence.enter(session, page.caller, page.socket);
				if (status === "closed" || as === "reader") await reads.read(page.caller, { what: "record", session });
				const snapshot = await sessions.snapshot(session);
				return { ...snapshot, presence: presence.of(session) };
			} catch (error) {
				page.release(`session:${session}`);
				throw error;
			}
		},
		"session.unwatch": ({ session }, page) => {
			page.release(`session:${session}`);
			return {};
		},
		"session.close": async ({ session, outcome, summary }, { caller }) => ({
			seq: await sessions.close(session, outcome, summary, caller),
		}),
		"session.take-baton": async ({ session }, { caller }) => ({ seq: await sessions.takeBaton(session, caller) }),
		"session.pass-baton": async ({ session, to }, { caller }) => ({
			seq: await sessions.passBaton(session, to, caller),
		}),
		"session.events": async ({ session, afterSeq, limit }, { caller }) => {
			if (sessions.state(session).status === "closed") await reads.read(caller, { what: "record", session });
			return { events: sessions.events(session, afterSeq, limit) };
		},
		"value.set": async ({ session, name, value }, { caller }) => ({
			seq: await sessions.setValue(session, name, value as JsonValue, caller),
		}),
		"step.edit": async ({ session, step, body, reason }, { caller }) => ({
			seq: await sessions.editStep(session, step, body, reason, caller),
		}),
		"step.skip": async ({ session, step, reason }, { caller }) => ({
			seq: await sessions.skipStep(session, step, reason, caller),
		}),
		"step.add": ({ session, target, ...step }, { caller }) =>
			sessions.addStep(session, { ...step, ...(target === undefined ? {} : { target }) }, caller),
		"plan.read": ({ session, unit, selection }) => sessions.plan(session, unit, selection),
		"run.request": async ({ session, typed, selection, passOver, ...asked }, { caller }) => {
			const request: RunRequest = {
				...asked,
				...(typed === undefined ? {} : { typed }),
				...(selection === undefined ? {} : { selection }),
				...(passOver === undefined ? {} : { passOver }),
			};
			const { runs, finished } = await sessions.request(session, request, caller);
			// How it ends is told by its events; a rejection here is a defect and must not end the process.
			finished.catch(failed);
			return { runs };
		},
		"run.cancel": async ({ session, run }, { caller }) => {
			belongs(sessions, session, run);
			return { seq: await sessions.cancel(session, run, caller) };
		},
		"run.answer": async ({ session, run, answers, attachments }, { caller }) => {
			belongs(sessions, session, run);
			return { seq: await sessions.answer(session, run, answers as JsonValue, attachments, caller) };
		},
		"note.add": async ({ session, text, attachments, step, run }, { caller }) => ({
			seq: await sessions.addNote(
				session,
				{ text, attachments, ...(step === undefined ? {} : { step }), ...(run === undefined ? {} : { run }) },
				caller,
			),
		}),
	};
}

/** A run is only reached through its own session. */
function belongs(sessions: Sessions, session: string, run: string): void {
	if (!Object.hasOwn(sessions.state(session).runs, run)) throw new ProblemError("run-unknown");
}
