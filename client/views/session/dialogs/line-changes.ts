import { diffLines } from "diff";

export interface ChangedLine {
	kind: "same" | "gone" | "new";
	text: string;
}

/** Two texts line by line: what went, what came, and at most two lines around. */
export function lineChanges(before: string, after: string): ChangedLine[] {
	const lines: ChangedLine[] = [];
	const ended = (text: string) => (text.endsWith("\n") ? text : `${text}\n`);
	for (const part of diffLines(ended(before), ended(after))) {
		const kind = part.added ? "new" : part.removed ? "gone" : "same";
		for (const text of part.value.replace(/\n$/, "").split("\n")) lines.push({ kind, text });
	}
	return lines.filter(
		(line, i) => line.kind !== "same" || lines.slice(Math.max(0, i - 2), i + 3).some((near) => near.kind !== "same"),
	);
}
