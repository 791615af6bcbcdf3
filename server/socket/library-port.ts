import type { Problem } from "../../core/problem.ts";
import type { Runbook } from "../../core/runbook.ts";

/** What the pages need of the library of runbooks. */
export interface LibraryPort {
	/** All that have been read, sorted by path, and what of the folders is left out. */
	list(): Promise<{ runbooks: Runbook[]; problems: Problem[] }>;
	/** One by its path. Throws `runbook-not-found`. */
	read(path: string): Promise<Runbook>;
}
