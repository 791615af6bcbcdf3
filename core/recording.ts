/** Where a run's recording is, and what it proves. Sizes in bytes. */
export interface RecordingSummary {
	/** `recordings/<run>.cast` in an export. */
	file: string;
	/** SHA-256 (hex) of the whole file. */
	sha256: string;
	/** The file's size. */
	bytes: number;
	/** The terminal's bytes, after masking: the final offset. */
	outputBytes: number;
	/** Output beyond the limit was not kept. */
	truncated: boolean;
	durationMs: number;
}
