import { isBaseVariable } from "./variable-name.ts";

/**
 * The inside of a `<placeholder>` at the offset, or null when it is a redirection, a tag or something else.
 * `redirections`: whether `<` could be one here. `closed`: the elements that are closed in the source.
 */
export function placeholderAt(
	source: string,
	offset: number,
	redirections: boolean,
	closed: ReadonlySet<string>,
): string | null {
	const match = /^<([A-Za-z](?:[\w .:/-]{0,62}[\w])?)>/.exec(source.slice(offset, offset + 70));
	const inside = match?.[1];
	if (inside === undefined) return null;
	if (/\.h(?:pp|h)?$/.test(inside) || htmlTags.has(inside.toLowerCase())) return null;
	const element = inside.split(/[\s:]/)[0] ?? inside;
	if (closed.has(element)) return null;
	if (redirections) {
		const after = source.slice(offset + inside.length + 2, offset + inside.length + 7);
		const before = offset === 0 ? " " : (source[offset - 1] ?? " ");
		if (/^[>&(]/.test(after) || after.startsWith("/dev/")) return null;
		// `sort <in>out`: a word that begins with `<` and goes straight on is a pair of redirections.
		if (/^[\w$"'~]/.test(after) && /[\s;|&(]/.test(before)) return null;
	}
	return inside;
}

/** The names of all elements that are closed in the source: `</name>`. */
export function elementsClosedIn(source: string): Set<string> {
	return new Set(Array.from(source.matchAll(/<\/([A-Za-z][\w./-]{0,63})>/g), (match) => match[1] ?? ""));
}

const htmlTags = new Set(
	"a b i p u s br hr em div span html head body title pre code strong table tr td th ul ol li img input form button script style h1 h2 h3 h4 h5 h6 nav main section link meta svg".split(
		" ",
	),
);

/** `new password` -> `NEW_PASSWORD`; a name that the environment has already gets a suffix: `<path>` -> `PATH_VALUE`. */
export function variableOf(inside: string): string {
	const name = inside
		.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
		.replace(/[^A-Za-z0-9]+/g, "_")
		.replace(/^_+|_+$/g, "")
		.toUpperCase();
	return isBaseVariable(name) ? `${name}_VALUE` : name;
}
