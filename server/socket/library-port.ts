import type { Runbook } from "../../core/runbook.ts";

/** What the pages need of the library of runbooks. */
export interface LibraryPort {
	/** All of them, sorted by path. */
	list(): Promise<Runbook[]>;
	/** One by its path. Throws `runbook-not-found`. */
	read(path: string): Promise<Runbook>;
}
