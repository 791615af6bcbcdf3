/**
 * Writes arguments as one line that redis-cli (and a runbook's body) would split into the same arguments again:
 * what has spaces, quotes or control characters stands in double quotes with escapes.
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
	if (argument !== "" && !/[\s"'\x00-\x1f\x7f]/.test(argument)) return argument;
	const inner = argument.replace(
		/[\x00-\x1f\x7f"\\]/g,
		(char) => escapes[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
	);
	return `"${inner}"`;
}
