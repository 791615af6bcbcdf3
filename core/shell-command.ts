const shells = new Set(["sh", "bash", "dash", "zsh", "ksh", "ash", "su", "busybox"]);
const rereaders = new Set(["eval", "watch", "parallel", "trap"]);
const wrappers = new Set(["sudo", "exec", "command", "nohup", "env", "builtin"]);
const declaring = new Set("export declare typeset local readonly".split(" "));
const sshOptionsWithArgument = /^-[A-Za-z0-9]*[bcDEeFIiJLlmOopQRSWw]$/;
const assignment = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=/;

/**
 * A simple command while it is read, word by word as written. It keeps what is asked of it and not the words: what takes
 * longer with every word before takes minutes for a command as long as a file may be.
 */
export class ShellCommand {
	/** How many words it has. */
	length = 0;
	first = "";
	#beforeLast = "";
	#last = "";
	/** Whether all words before the last are assignments. */
	#onlyAssigned = true;
	#lastIsAssignment = true;
	/** The programs that its first words without assignments name, at most two; the last of such words. */
	readonly #programs: string[] = [];
	#lastProper = "";
	/** Whether a shell is named before the last of them. */
	#namesShell = false;
	/** Since the word `ssh`: its operands (host, then the remote command), and whether the next word belongs to an option. */
	#ssh: { operands: number; skips: boolean } | null = null;

	add(word: string): void {
		if (this.length === 0) this.first = word;
		this.length++;
		this.#onlyAssigned &&= this.#lastIsAssignment;
		this.#lastIsAssignment = assignment.test(word);
		this.#beforeLast = this.#last;
		this.#last = word;
		if (/^[A-Za-z_]\w*\+?=/.test(word)) return;
		if (shells.has(programOf(this.#lastProper))) this.#namesShell = true;
		this.#lastProper = word;
		if (this.#programs.length < 2) this.#programs.push(programOf(word));
		const ssh = this.#ssh;
		if (ssh === null) {
			if (programOf(word) === "ssh") this.#ssh = { operands: 0, skips: false };
		} else if (ssh.skips) ssh.skips = false;
		else if (ssh.operands === 0 && sshOptionsWithArgument.test(word)) ssh.skips = true;
		else if (ssh.operands > 0 || !word.startsWith("-")) ssh.operands++;
	}

	/** Whether another shell will read what expands in the next argument. */
	rereadsArguments(): boolean {
		const [first = "", second = ""] = this.#programs;
		const head = wrappers.has(first) ? second : first;
		if (rereaders.has(first) || rereaders.has(head)) return true;
		if (this.#namesShell && /^-[a-z]*c$/.test(this.#lastProper)) return true;
		return head === "ssh" && (this.#ssh?.operands ?? 0) > 0;
	}

	/** Whether another shell will read what expands in the command's input. */
	rereadsInput(): boolean {
		const program = programOf(this.first);
		return shells.has(program) || program === "ssh";
	}

	/** The variable that the last word sets; null when it sets none. */
	variableSet(): string | null {
		const word = this.#last;
		const position = this.length - 1;
		const first = position > 0 ? this.first : "";
		const assigned = assignment.exec(word)?.[1];
		if (assigned !== undefined) return this.#onlyAssigned || declaring.has(first) ? assigned : null;
		if (!/^[A-Za-z_]\w*$/.test(word)) return null;
		const isSet =
			((first === "for" || first === "select") && position === 1) ||
			["read", "mapfile", "readarray", "unset"].includes(first) ||
			(first === "printf" && this.#beforeLast === "-v") ||
			(first === "getopts" && position === 2);
		return isSet ? word : null;
	}

	/** Whether with its last word it may set variables that can't be known from here: `set -a`, eval, a sourced file. */
	setsUnknownVariables(): boolean {
		if (this.length === 1) return this.#last === "source" || this.#last === "." || this.#last === "eval";
		return this.first === "set" && /^-\w*a/.test(this.#last);
	}
}

function programOf(word: string): string {
	return word.slice(word.lastIndexOf("/") + 1);
}
