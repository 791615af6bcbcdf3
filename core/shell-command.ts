const shells = new Set(["sh", "bash", "dash", "zsh", "ksh", "ash", "su", "busybox"]);
const rereaders = new Set(["eval", "watch", "parallel", "trap"]);
const declaring = new Set("export declare typeset local readonly".split(" "));
const sshOptionsWithArgument = /^-[A-Za-z0-9]*[bcDEeFIiJLlmOopQRSWw]$/;
const assignment = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=/;

/** Whether another shell will read what expands in the next argument, given a command's words so far. */
export function rereadsArguments(written: readonly string[]): boolean {
	const words = written.filter((word) => !/^[A-Za-z_]\w*\+?=/.test(word));
	const first = programOf(words[0]);
	const head = ["sudo", "exec", "command", "nohup", "env", "builtin"].includes(first) ? programOf(words[1]) : first;
	if (rereaders.has(first) || rereaders.has(head)) return true;
	const last = words.at(-1) ?? "";
	if (/^-[a-z]*c$/.test(last) && words.slice(0, -1).some((word) => shells.has(programOf(word)))) return true;
	if (head !== "ssh") return false;
	return operandsOfSsh(words.slice(words.findIndex((word) => programOf(word) === "ssh") + 1)) > 0;
}

/** Whether another shell will read what expands in the command's input. */
export function rereadsInput(words: readonly string[]): boolean {
	const program = programOf(words[0]);
	return shells.has(program) || program === "ssh";
}

/** The variable that the last of a command's words sets; null when it sets none. */
export function variableSetBy(words: readonly string[]): string | null {
	const word = words.at(-1) ?? "";
	const before = words.slice(0, -1);
	const first = before[0] ?? "";
	const assigned = assignment.exec(word)?.[1];
	if (assigned !== undefined) {
		return before.every((earlier) => assignment.test(earlier)) || declaring.has(first) ? assigned : null;
	}
	if (!/^[A-Za-z_]\w*$/.test(word)) return null;
	const position = before.length;
	const isSet =
		((first === "for" || first === "select") && position === 1) ||
		["read", "mapfile", "readarray", "unset"].includes(first) ||
		(first === "printf" && before.at(-1) === "-v") ||
		(first === "getopts" && position === 2);
	return isSet ? word : null;
}

/** Whether with its last word the command may set variables that can't be known from here: `set -a`, eval, a sourced file. */
export function setsUnknownVariables(words: readonly string[]): boolean {
	const word = words.at(-1) ?? "";
	if (words.length === 1) return word === "source" || word === "." || word === "eval";
	return words[0] === "set" && /^-\w*a/.test(word);
}

function programOf(word: string | undefined): string {
	return (word ?? "").replace(/^.*\//, "");
}

/** How many operands (host, then the remote command) the words after `ssh` have. */
function operandsOfSsh(words: readonly string[]): number {
	let operands = 0;
	for (let i = 0; i < words.length; i++) {
		const word = words[i] ?? "";
		if (operands === 0 && sshOptionsWithArgument.test(word)) i++;
		else if (operands > 0 || !word.startsWith("-")) operands++;
	}
	return operands;
}
