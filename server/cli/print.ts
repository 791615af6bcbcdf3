/** Where the command line writes. Handed in, so that tests read what a person would. */
export interface Output {
	/** What was asked for. */
	out(text: string): void;
	/** What a person should know beside it. */
	note(text: string): void;
	/** A person is there to be asked. */
	isTerminal: boolean;
	/** Asks and gives the line that was typed. */
	question(text: string): Promise<string>;
}

/** Milliseconds as people say them: `38 ms`, `1.4 s`, `12 s`, `3 min 20 s`. */
export function spokenDuration(ms: number): string {
	if (ms < 1_000) return `${Math.round(ms)} ms`;
	if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** A table of texts, columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
	const widths: number[] = [];
	for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
	return rows
		.map((row) =>
			row
				.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}
