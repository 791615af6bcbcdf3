/** The descriptor that what a script leaves behind is written to: high, so that scripts that use 3 to 9 don't meet it. */
const carryDescriptor = 198;

/**
 * Writes `nonce, directory, NAME=value ..., nonce` each ended by NUL. Builtins only: PATH may be anything by now, and so may
 * IFS, errexit, noclobber and nounset. The names go through a file because a substitution would fork, which costs as much as
 * the rest together. `PWD` is what bash itself holds to be the directory.
 */
function dump(nonce: string, folder: string): string {
	const names = quote(`${folder}/names`);
	return (
		`{ builtin set +eux; builtin unset IFS; builtin compgen -e >|${names}; builtin printf "%s\\0" ${nonce} "$PWD"; ` +
		"while builtin read -r __runledger_name; do " +
		`[[ -n \${!__runledger_name+x} ]] && builtin printf "%s=%s\\0" "$__runledger_name" "\${!__runledger_name}"; done <${names}; ` +
		`builtin printf "%s\\0" ${nonce}; } >&${carryDescriptor} 2>/dev/null`
	);
}

/** One word of a shell's text, whatever stands in it. */
function quote(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}

export interface BashScript {
	text: string;
	errexit: boolean;
	pipefail: boolean;
	/** Letters and digits: marks what the script leaves behind. */
	nonce: string;
	/** An absolute, private, writable folder. */
	folder: string;
}

/**
 * A file for `bash --noprofile --norc FILE` that runs the text and then tells on descriptor 3 where it stands and what it
 * exports. What comes before the text is on the text's first line, so that bash's line numbers are the text's own.
 *
 * It is told in an EXIT trap (`exit 0` in mid-script) and, because a script may have a trap of its own, at the end as well.
 * After `exec` nothing is told, and nothing is carried.
 */
export function bashScript({ text, errexit, pipefail, nonce, folder }: BashScript): string {
	const options = [...(errexit ? ["-e"] : []), ...(pipefail ? ["-o pipefail"] : [])].join(" ");
	const told = dump(nonce, folder);
	return [
		`exec ${carryDescriptor}>&3 3>&-; `,
		`builtin trap ${quote(`{ [[ \${__runledger_left-} ]]; } 2>/dev/null || ${told}`)} EXIT; `,
		options === "" ? "" : `builtin set ${options}; `,
		text,
		`\n\n{ __runledger_left=$?; ${told}; } 2>/dev/null; builtin exit "$__runledger_left"\n`,
	].join("");
}

/** Where a script ended and what it exports then. */
export interface ScriptEnd {
	cwd: string;
	exported: Map<string, string>;
}

/** Reads what a script left behind; null when there is nothing whole (it was replaced by `exec`, or killed). */
export function readScriptEnd(bytes: Uint8Array, nonce: string): ScriptEnd | null {
	const parts = new TextDecoder().decode(bytes).split("\0");
	if (parts.pop() !== "" || parts.pop() !== nonce) return null;
	const start = parts.lastIndexOf(nonce);
	const cwd = parts[start + 1];
	if (start === -1 || cwd === undefined || !cwd.startsWith("/")) return null;
	const exported = new Map<string, string>();
	for (const part of parts.slice(start + 2)) {
		const equals = part.indexOf("=");
		if (equals > 0) exported.set(part.slice(0, equals), part.slice(equals + 1));
	}
	return { cwd, exported };
}
