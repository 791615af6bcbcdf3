import { decodeUtf8, isExactUtf8 } from "../../core/utf8.ts";

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\u0007" };

const hexes = /(?:\\x[0-9a-fA-F]{2})+/y;

/**
 * Splits a line into arguments as redis-cli does (`sdssplitargs` in Redis' sds.c): double quotes with `\n \r \t \b \a \xHH`
 * escapes, single quotes with `\'`, and a closing quote must be followed by a space. Null when the quotes are not balanced.
 * Bytes that are written as `\xHH`, one after the other, are the text that they are in UTF-8, as redis-cli would send them;
 * where they are none, each gives its Latin-1 character: arguments are sent as UTF-8, so bytes that are no text can't be written.
 */
export function splitRedisCommand(line: string): string[] | null {
	const argv: string[] = [];
	let at = 0;
	while (at < line.length) {
		if (/\s/.test(line[at] ?? "")) {
			at++;
			continue;
		}
		let argument = "";
		while (at < line.length && !/\s/.test(line[at] ?? "")) {
			const char = line[at] ?? "";
			if (char !== '"' && char !== "'") {
				argument += char;
				at++;
				continue;
			}
			at++;
			for (;;) {
				if (at >= line.length) return null;
				const inner = line[at] ?? "";
				if (inner === char) break;
				hexes.lastIndex = at;
				const hex = char === '"' ? hexes.exec(line)?.[0] : undefined;
				if (hex !== undefined) {
					argument += textOf(hex);
					at += hex.length;
				} else if (inner === "\\" && char === '"' && at + 1 < line.length) {
					const escaped = line[at + 1] ?? "";
					argument += escapes[escaped] ?? escaped;
					at += 2;
				} else if (inner === "\\" && char === "'" && line[at + 1] === "'") {
					argument += "'";
					at += 2;
				} else {
					argument += inner;
					at++;
				}
			}
			at++;
			if (at < line.length && !/\s/.test(line[at] ?? "")) return null;
		}
		argv.push(argument);
	}
	return argv;
}

function textOf(hex: string): string {
	const bytes = Uint8Array.from(hex.split("\\x").slice(1), (digits) => Number.parseInt(digits, 16));
	const text = decodeUtf8(bytes);
	return isExactUtf8(bytes, text) ? text : String.fromCharCode(...bytes);
}
