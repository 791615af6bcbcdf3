import type { ProbeResult } from "../core/lab.ts";

/** A stream of numbered writes that measures what a fault costs. It writes only keys of its own. */
export interface TargetProbe {
	/** Notes a moment (a fault, a healing) in the journal; from the first one on, only gaps that overlap it count. */
	mark(what: string): void;
	/** The figures as they are now. */
	result(): ProbeResult;
	/** Asks the master that there is now for every acknowledged write. Goes on writing. `lost` is null when no master answers. */
	check(): Promise<ProbeResult>;
	/** Ends the writing, waits for what is under way, checks, and removes its own keys. */
	stop(): Promise<ProbeResult>;
}

/** `client`: a connection that stays, as an application has it. `oracle`: looks the master up anew for each write. */
export type ProbeKind = "client" | "oracle";
