import { hiddenCharacter } from "../../core/hidden-character.ts";
import { encodeUtf8 } from "../../core/utf8.ts";

/**
 * Writes arguments as one line that redis-cli (and a runbook's body) would split into the same arguments again:
 * what has spaces, quotes, or characters that can't be seen or that turn the text around stands in double quotes with escapes.
 */
export function joinRedisCommand(argv: readonly string[]): string {
	return argv.map(quoteArgument).join(" ");
}

const escapes: Record<string, string> = {
	"\n": "\\n",
	"\r": "\\r",
	"\t": "\\t",
	"\b": "\\b",
	"\u0007": "\\a",
	'"': '\\"',
	"\\": "\\\\",
};

function quoteArgument(argument: string): string {
	const chars = [...argument];
	const isPlain = argument !== "" && !/[\s"']/.test(argument) && chars.every((char) => hiddenCharacter(char) === null);
	if (isPlain) return argument;
	return `"${chars.map((char) => escapes[char] ?? (hiddenCharacter(char) === null ? char : hexOf(char))).join("")}"`;
}

/** The bytes of a character that is not seen, as redis-cli takes them. */
function hexOf(char: string): string {
	return [...encodeUtf8(char)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
