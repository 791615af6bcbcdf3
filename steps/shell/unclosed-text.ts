import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { type Problem, problem } from "../../core/problem.ts";
import type { StepHost } from "../step-host.ts";
import { findProgram } from "./find-program.ts";

/** Texts are read once: a plan is made at every look, and a process costs milliseconds. */
const rememberedTexts = 1_000;

/** Reading a text is quick; a bash that does not answer is no reason to refuse one. */
const patienceMs = 5_000;

/**
 * Says of a script what of it is left open (a here-document, a quote, a block), or null. Bash itself reads it, without
 * running it. What else is wrong with a script only its run can tell: `shopt` changes what the lines after it mean.
 */
export function unclosedTexts(host: Pick<StepHost, "environment">): (text: string) => Promise<Problem | null> {
	const known = new Map<string, Promise<Problem | null>>();
	return (text) => {
		const key = createHash("sha256").update(text).digest("base64");
		const before = known.get(key);
		if (before) return before;
		const bash = findProgram("bash", host.environment.PATH ?? "/usr/bin:/bin");
		const read = bash === null ? Promise.resolve(null) : readBy(bash, text);
		known.set(key, read);
		if (known.size > rememberedTexts) known.delete(known.keys().next().value ?? "");
		return read;
	};
}

async function readBy(bash: string, text: string): Promise<Problem | null> {
	const said = await complaints(bash, text);
	const here = /here-document at line (\d+) delimited by end-of-file \(wanted `(.*)'\)/.exec(said);
	if (here) {
		return unclosed(`The here-document of line ${here[1]} is not closed: no line is \`${here[2]}\` alone.`);
	}
	const open = /line (\d+): unexpected EOF while looking for matching `(.*)'/.exec(said);
	if (open) return unclosed(`A quote or a bracket is not closed: bash looked for \`${open[2]}\` (line ${open[1]}).`);
	return said.includes("syntax error: unexpected end of file")
		? unclosed("The script ends in the middle of a command.")
		: null;
}

function unclosed(detail: string): Problem {
	return problem("step-invalid", detail, { next: "Close it, or choose the lines up to its end." });
}

/** What bash says of a text that it reads and does not run; nothing when it can't be asked. */
function complaints(bash: string, text: string): Promise<string> {
	return new Promise((resolve) => {
		const options = ["--noprofile", "--norc", "-O", "extglob", "-n"];
		const child = spawn(bash, options, {
			env: { LC_ALL: "C" },
			stdio: ["pipe", "ignore", "pipe"],
			timeout: patienceMs,
			killSignal: "SIGKILL",
		});
		let said = "";
		child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
			if (said.length < 10_000) said += chunk;
		});
		child.once("error", () => resolve(""));
		child.once("close", () => resolve(said));
		// It may have ended before it has read everything.
		child.stdin.on("error", () => undefined);
		child.stdin.end(text);
	});
}
