const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\u0007" };

/**
 * Splits a line into arguments as redis-cli does (`sdssplitargs` in Redis' sds.c): double quotes with `\n \r \t \b \a \xHH`
 * escapes, single quotes with `\'`, and a closing quote must be followed by a space. Null when the quotes are not balanced.
 * `\xHH` above 7f gives the byte's Latin-1 character; arguments are sent as UTF-8, so bytes that are no text can't be written here.
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
				const hex = char === '"' ? /^\\x([0-9a-fA-F]{2})/.exec(line.slice(at, at + 4)) : null;
				if (hex?.[1] !== undefined) {
					argument += String.fromCharCode(Number.parseInt(hex[1], 16));
					at += 4;
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
