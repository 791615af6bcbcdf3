/**
 * Whether a value that came as JSON has more levels of lists and objects than `levels`. Without recursion: whatever walks a
 * value level by level, a schema for one, would run out of stack on one that is nested deep enough.
 */
export function isDeeper(value: unknown, levels: number): boolean {
	let level = [value];
	for (let depth = 0; level.length > 0; depth++) {
		if (depth > levels) return true;
		level = level
			.filter((one): one is object => typeof one === "object" && one !== null && !ArrayBuffer.isView(one))
			.flatMap((one) => Object.values(one) as unknown[]);
	}
	return false;
}
