/** Keystrokes of one person within this time are one note. */
const gatherMs = 1000;

/** Gathers who typed how many bytes, so that a recording does not get a line for each key. */
export function createInputNotes(write: (who: string, bytes: number) => void): {
	add(who: string, bytes: number): void;
	flush(): void;
} {
	let pending: { who: string; bytes: number; timer: NodeJS.Timeout } | null = null;
	const flush = () => {
		if (pending !== null) {
			clearTimeout(pending.timer);
			write(pending.who, pending.bytes);
			pending = null;
		}
	};
	return {
		add(who, bytes) {
			if (pending !== null && pending.who !== who) {
				flush();
			}
			pending ??= { who, bytes: 0, timer: setTimeout(flush, gatherMs) };
			pending.bytes += bytes;
		},
		flush,
	};
}
