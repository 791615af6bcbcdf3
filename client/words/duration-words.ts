/**
 * A duration as a person reads it, never like a clock time: `38 ms`, `1.2 s`, `22 s`, `1 m 50`, `18 m`, `2 h 05`, `3 d`.
 * Takes milliseconds; anything that is not a number from 0 up gives an empty string.
 */
export function durationWords(ms: number): string {
	if (!Number.isFinite(ms) || ms < 0) return "";
	if (ms < 1000) return `${Math.round(ms)} ms`;
	const seconds = ms / 1000;
	if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
	const whole = Math.round(seconds);
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) {
		const rest = whole % 60;
		return rest === 0 ? `${whole / 60} m` : `${Math.floor(whole / 60)} m ${String(rest).padStart(2, "0")}`;
	}
	const minutes = Math.floor(whole / 60);
	if (minutes < 24 * 60) {
		const rest = minutes % 60;
		return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${String(rest).padStart(2, "0")}`;
	}
	return `${Math.floor(minutes / (24 * 60))} d`;
}

/** A duration that is counted while one looks: whole seconds, `0 s`, `9 s`, `1 m 50`. Takes milliseconds; what lies before 0 is 0. */
export function secondsWords(ms: number): string {
	const seconds = Math.floor(Math.max(0, ms) / 1000);
	return seconds < 60 ? `${seconds} s` : durationWords(seconds * 1000);
}

/** A duration in whole minutes that have passed, where minutes matter: `22 s`, `4 min`, `2 h 05`. Takes milliseconds. */
export function roughDurationWords(ms: number): string {
	if (ms < 60_000) return ms < 30_000 ? durationWords(ms) : "1 min";
	if (ms < 60 * 60_000) return `${Math.floor(ms / 60_000)} min`;
	return durationWords(ms);
}
