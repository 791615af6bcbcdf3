/** What the executors need of their machine. Handed in by the composition root, so that none of them reads a global. */
export interface StepHost {
	/** The server's own environment; a step inherits only what every shell has of it. */
	environment: Readonly<Record<string, string | undefined>>;
	/** Where shell steps start that name no directory: absolute. */
	directory: string;
	/** Where private temporary files may be made, e.g. `/tmp`. */
	temporaryFolder: string;
	/** A monotonic clock in milliseconds. */
	monoMs(): number;
}
