/** `1 step`, `3 steps`; `plural` where an s does not do. */
export function countWords(count: number, one: string, plural = `${one}s`): string {
	return `${count} ${count === 1 ? one : plural}`;
}

/** Bytes in the unit that keeps them short: `84 B`, `20 KB`, `8.2 MB`. Thousands, as disks count. */
export function byteWords(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	const units = ["KB", "MB", "GB", "TB"];
	let value = bytes / 1000;
	let unit = 0;
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000;
		unit += 1;
	}
	return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
