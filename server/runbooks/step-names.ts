/** Whether a step or a group may have this name. */
export function isStepName(text: string): boolean {
	return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text);
}

/** `who-is-master` -> `Who is master`. */
export function inWords(name: string): string {
	const words = name.replace(/[-_]+/g, " ").trim();
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a responder recognises in an outline: a command's first words, at most so many characters. */
const longestWords = 48;

/**
 * The titles of steps without one. A heading's only such step is called as the heading is, and so is a checklist that it
 * begins with; several below one heading, and those without a heading, by the first words of what they do; what would be
 * called alike below one heading is numbered.
 */
export function titlesFromText(steps: readonly { heading: string; body: string; type: string }[]): string[] {
	const count = new Map<string, number>();
	for (const { heading } of steps) count.set(heading, (count.get(heading) ?? 0) + 1);
	const times = new Map<string, number>();
	return steps.map(({ heading, body, type }, i) => {
		const base = heading === "" ? inWords(type) : heading.slice(0, 120);
		const begins = type === "manual" && steps[i - 1]?.heading !== heading && steps[i + 1]?.type !== type;
		const isHeadings = heading !== "" && (count.get(heading) === 1 || begins);
		const title = isHeadings ? base : firstWords(body) || base;
		const key = `${heading}\n${title}`;
		const time = (times.get(key) ?? 0) + 1;
		times.set(key, time);
		return time === 1 ? title : `${title} (${time})`;
	});
}

/** The beginning of the first line that does something, without its prompt, its target or its box to tick; empty when there is none. */
function firstWords(body: string): string {
	const lines = body.split("\n").map((line) => line.replace(/^\s*(?:[$%]\s+|@\S+\s+|[-*+]\s+\[[ xX]\]\s+)/, "").trim());
	const isSaid = (line: string) => line !== "" && !line.startsWith("#");
	const line = lines.find((each) => isSaid(each) && !/^set [-+]/.test(each)) ?? lines.find(isSaid) ?? "";
	const text = line.replace(/\s*\\$/, "").replace(/\s+/g, " ");
	if (text.length <= longestWords) return text;
	const space = text.lastIndexOf(" ", longestWords);
	return `${text.slice(0, space > longestWords / 2 ? space : longestWords)}…`;
}

/** The name of a step without one: its heading's as a slug, numbered when it is taken; adds it to `taken`. */
export function uniqueName(heading: string, taken: Set<string>): string {
	const base =
		heading
			.normalize("NFKD")
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, "-")
			.replace(/^-+|-+$/g, "")
			.slice(0, 56)
			.replace(/-+$/, "") || "step";
	let name = base;
	for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
	taken.add(name);
	return name;
}
