import { chmodSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ProblemError } from "../core/problem.ts";
import { labFolder, readLabFile } from "./lab-folder.ts";
import { labTopology } from "./lab-topologies.ts";
import { Supervisor } from "./supervisor.ts";
import { serveSupervisor } from "./supervisor-socket.ts";

/**
 * The process of one lab, started by `lab up` with the lab's folder as its argument. It goes on when whoever started
 * it ends, until it is asked for `down` or gets SIGTERM; then it ends every node and removes the folder.
 */
process.umask(0o077);
const dir = process.argv[2] ?? "";
const folder = labFolder(dirname(dir), basename(dir));
const file = readLabFile(folder);
const topology = file ? labTopology(file.kind) : undefined;
if (!file || !topology) {
	console.error(`${folder.file} does not describe a lab`);
	process.exit(1);
}

const supervisor = new Supervisor(folder, file, topology, {
	host: {
		now: () => new Date(),
		readSecret(source) {
			if (!("file" in source)) throw new ProblemError("config-invalid", "A lab keeps its credentials in files.");
			return readFileSync(source.file, "utf8").trim();
		},
	},
	monotonic: () => performance.now(),
	random: Math.random,
	path: process.env.PATH ?? "",
});

// By its short name: the whole path may be longer than a socket's address can be (108 bytes on Linux).
process.chdir(folder.dir);
rmSync("lab.sock", { force: true });
const server = serveSupervisor(supervisor, () => process.exit(0));
server.listen("lab.sock", () => {
	chmodSync("lab.sock", 0o600);
	supervisor.begin();
});

let leaving = false;
const leave = (code: number) => {
	if (leaving) return;
	leaving = true;
	supervisor.down().finally(() => process.exit(code));
};
process.on("SIGTERM", () => leave(0));
process.on("SIGINT", () => leave(0));
process.on("SIGHUP", () => {});
process.on("uncaughtException", (error) => {
	console.error(error);
	leave(1);
});
