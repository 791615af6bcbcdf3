/** How long ago, in the coarsest unit that still says something: `just now`, `12 s ago`, `5 m ago`, `3 h ago`, `yesterday`, `41 days ago`. Takes milliseconds. */
export function ageWords(ms: number): string {
	const seconds = Math.floor(ms / 1000);
	if (seconds < 5) return "just now";
	if (seconds < 60) return `${seconds} s ago`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} m ago`;
	const hours = Math.floor(minutes / 60);
	if (hours < 24) return `${hours} h ago`;
	const days = Math.floor(hours / 24);
	return days === 1 ? "yesterday" : `${days} days ago`;
}

/** The age of something read live, to a tenth of a second below ten: `0.4 s ago`, `12 s ago`. Takes milliseconds. */
export function liveAgeWords(ms: number): string {
	const seconds = Math.max(0, ms) / 1000;
	if (seconds < 10) return `${seconds.toFixed(1)} s ago`;
	return ageWords(ms);
}
