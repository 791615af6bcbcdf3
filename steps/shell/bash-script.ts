/** The descriptor that what a script leaves behind is written to: high, so that scripts that use 3 to 9 don't meet it. */
const carryDescriptor = 198;

/** Where it is noted that the descriptor is no longer Runledger's. No script has such a name: theirs have no dot. */
export function closedMark(folder: string): string {
	return `${folder}/.closed`;
}

/**
 * Writes `nonce, directory, NAME=value ..., nonce` each ended by NUL. Builtins only: PATH may be anything by now, and so may
 * IFS, errexit, noclobber and nounset. The names go through a file because a substitution would fork, which costs as much as
 * the rest together. `PWD` is what bash itself holds to be the directory. A script may have closed the descriptor, or made a
 * file of it: then nothing is written there.
 */
function dump(nonce: string, folder: string): string {
	const names = quote(`${folder}/.names`);
	return (
		`if [[ -S /dev/fd/${carryDescriptor} ]]; then ` +
		`{ builtin set +eux; builtin unset IFS; builtin compgen -e >|${names}; builtin printf "%s\\0" ${nonce} "$PWD"; ` +
		"while builtin read -r __runledger_name; do " +
		`[[ -n \${!__runledger_name+x} ]] && builtin printf "%s=%s\\0" "$__runledger_name" "\${!__runledger_name}"; done <${names}; ` +
		`builtin printf "%s\\0" ${nonce}; } >&${carryDescriptor}; else builtin : >|${quote(closedMark(folder))}; fi 2>/dev/null`
	);
}

/** One word of a shell's text, whatever stands in it. */
function quote(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}

export interface BashFrame {
	errexit: boolean;
	pipefail: boolean;
	/** Letters and digits: marks what the script leaves behind. */
	nonce: string;
	/** An absolute, private, writable folder. */
	folder: string;
}

/**
 * A text for `bash --noprofile --norc -c TEXT FILE` that runs the file as if it were the script, and then tells on
 * descriptor 3 where it stands and what it exports. The file holds what was shown and nothing else: whatever is left open in
 * it ends with it. Sourced under its own name, bash's messages, `$0` and `BASH_SOURCE` are those of a script.
 *
 * It is told in an EXIT trap (`exit 0` in mid-script) and, because a script may have a trap of its own, at the end as well.
 * After `exec` nothing is told, and nothing is carried. One line: `set -v` shows each as it is read.
 */
export function bashFrame({ errexit, pipefail, nonce, folder }: BashFrame): string {
	const options = [...(errexit ? ["-e"] : []), ...(pipefail ? ["-o pipefail"] : [])].join(" ");
	const told = dump(nonce, folder);
	return [
		`exec ${carryDescriptor}>&3 3>&-; `,
		`builtin trap ${quote(`{ [[ \${__runledger_left-} ]]; } 2>/dev/null || ${told}`)} EXIT; `,
		options === "" ? "" : `builtin set ${options}; `,
		'builtin source "$0"; ',
		`{ __runledger_left=$?; builtin set +v; ${told}; } 2>/dev/null; builtin exit "$__runledger_left"`,
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
