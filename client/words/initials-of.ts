/** The first letters of a name's first and last word, `A` of `Anna`, `AK` of `anna maria king`; `?` when it has none. */
export function initialsOf(name: string): string {
	const words = name.split(/[^\p{L}\p{M}\p{N}'’]+/u).filter((word) => word !== "");
	const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
	const letters = ends.map((word) => /[\p{L}\p{N}]/u.exec(word ?? "")?.[0] ?? "");
	return letters.join("").toUpperCase() || "?";
}
