/** Whether a step or a group may have this name. */
export function isStepName(text: string): boolean {
	return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text);
}

/** `who-is-master` -> `Who is master`. */
export function inWords(name: string): string {
	const words = name.replace(/[-_]+/g, " ").trim();
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The title of a step without one: its heading's, numbered when the heading has several. */
export function titleFromHeading(heading: string, ordinal: number, type: string): string {
	const base = heading === "" ? inWords(type) : heading;
	return ordinal === 1 ? base.slice(0, 120) : `${base.slice(0, 120)}, ${ordinal}`;
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
