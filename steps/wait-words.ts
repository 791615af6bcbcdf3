/** A time as a person reads it, never like a clock time: `500 ms`, `1.5 s`, `60 s`, `2 min`, `2 min 5 s`. Takes milliseconds. */
export function waitWords(ms: number): string {
	if (ms < 1_000) return `${Math.round(ms)} ms`;
	if (ms < 120_000) {
		const seconds = ms / 1_000;
		return `${Number.isInteger(seconds) || seconds >= 10 ? Math.round(seconds) : seconds.toFixed(1)} s`;
	}
	const seconds = Math.round(ms / 1_000);
	const rest = seconds % 60;
	return `${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
}
