import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ProblemError } from "../core/problem.ts";
import { connectLab, type LabConnection } from "./lab-connection.ts";
import { type LabFolder, labMarker } from "./lab-folder.ts";
import { readTail } from "./read-tail.ts";

const listensWithinMs = 20_000;

/**
 * Starts the supervisor of a lab as a process of its own, which outlives this one, and connects to it.
 * Its environment has nothing of ours but PATH: no secrets, and no marker of a run that would end it with the run.
 */
export async function startSupervisor(folder: LabFolder, path: string): Promise<LabConnection> {
	const log = openSync(folder.supervisorLog, "a", 0o600);
	const child = spawn(process.execPath, [...supervisorEntry(), folder.dir], {
		cwd: "/",
		env: { PATH: path, LANG: "C", [labMarker]: folder.id },
		stdio: ["ignore", log, log],
		detached: true,
	});
	closeSync(log);
	let ended = false;
	child.once("exit", () => {
		ended = true;
	});
	child.once("error", () => {
		ended = true;
	});
	child.unref();
	for (const until = performance.now() + listensWithinMs; performance.now() < until && !ended; ) {
		const connection = await connectLab(folder.socket);
		if (connection) return connection;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	const said = readTail(folder.supervisorLog, 5).join(" ");
	throw new ProblemError("lab-start-failed", `The lab's supervisor did not start: ${said || "it says nothing"}`);
}

/** The supervisor beside this module: built, or from the sources of a checkout. */
function supervisorEntry(): string[] {
	const fromSource = import.meta.url.endsWith(".ts");
	const file = fileURLToPath(new URL(fromSource ? "./supervisor-main.ts" : "./supervisor-main.js", import.meta.url));
	return fromSource ? ["--import", new URL("../scripts/source-loader.mjs", import.meta.url).href, file] : [file];
}
