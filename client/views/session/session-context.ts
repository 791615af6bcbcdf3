import type { ReadonlySignal, Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Drafts } from "../../shell/drafts.ts";
import type { PlanStore } from "./plan-store.ts";
import type { RunControl } from "./run-control.ts";
import type { SessionStore } from "./session-store.ts";
import type { TerminalLine } from "./terminal/terminal-line.ts";

/** What is open over the session's page. */
export type OpenDialog =
	| { kind: "edit" | "skip" | "add"; step: string }
	| { kind: "note"; step: string | null }
	| { kind: "close" }
	| null;

/** What the parts of a session's page share. */
export interface SessionParts {
	store: SessionStore;
	plans: PlanStore;
	control: RunControl;
	terminals: TerminalLine;
	/** Whether this person holds the baton. */
	driving: ReadonlySignal<boolean>;
	dialog: Signal<OpenDialog>;
	/** What was typed into dialogs and not sent. */
	drafts: Drafts;
	/** Steps whose finished run stands open, by hand; false: folded by hand. */
	opened: Signal<ReadonlyMap<string, boolean>>;
	/** Runs whose live terminal has not shown its last byte yet. */
	arriving: Signal<ReadonlySet<string>>;
	/** Runs whose terminal has the keyboard: it stays when they have ended, so that nothing typed too late becomes a command of the page. */
	typedInto: Signal<ReadonlySet<string>>;
	/** Runs whose terminal was left by the key for it: what is typed then is meant for the page. */
	left: Signal<ReadonlySet<string>>;
	/** The step or heading that somebody went to last: it is drawn before its turn. */
	sought: Signal<string | null>;
	/** The run whose terminal fills the window. */
	fullScreen: Signal<string | null>;
	/** A person's name for an id of the record. */
	personName(id: string): string;
}

export const SessionContext = createContext<SessionParts | null>(null);

export function useSession(): SessionParts {
	const parts = useContext(SessionContext);
	if (!parts) throw new Error("useSession is called outside a session's page");
	return parts;
}
