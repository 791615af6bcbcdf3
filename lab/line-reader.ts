/** A line longer than this is not one of ours. */
const longestLine = 16 * 1024 * 1024;

/** Cuts chunks of UTF-8 into lines; a character may be split between chunks. Throws on a line of more than 16 MiB. */
export function lineReader(onLine: (line: string) => void): (chunk: Buffer) => void {
	const decoder = new TextDecoder();
	let pending = "";
	return (chunk) => {
		pending += decoder.decode(chunk, { stream: true });
		for (let end = pending.indexOf("\n"); end !== -1; end = pending.indexOf("\n")) {
			const line = pending.slice(0, end);
			pending = pending.slice(end + 1);
			onLine(line);
		}
		if (pending.length > longestLine) throw new Error("a line without an end");
	};
}
