import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { ProblemError } from "../core/problem.ts";

/** The variable that marks every process of a lab, so that `down` finds them whatever else was lost. */
export const labMarker = "RUNLEDGER_LAB";

/** Where the parts of a lab lie. `home` is the folder of all labs, `<data>/labs`. */
export interface LabFolder {
	name: string;
	dir: string;
	/** Follows from the folder's path alone. */
	id: string;
	/** Holds the id: what proves that the folder was made for a lab, whatever else of it is gone. */
	mark: string;
	/** What the lab is: LabFile. */
	file: string;
	socket: string;
	targets: string;
	supervisorLog: string;
	logs: string;
	probes: string;
}

const labFileSchema = z.object({
	v: z.literal(1),
	kind: z.string(),
	name: z.string(),
	options: z.record(z.string(), z.unknown()),
	createdAt: z.string(),
	/** The ports of its nodes, so that labs beside it leave them alone while a node is down. */
	ports: z.array(z.number()).default([]),
});

/** What `lab up` writes down for the supervisor. No secrets: those have files of their own. */
export type LabFile = z.output<typeof labFileSchema>;

/** The name of a lab is the name of its cluster in target references. */
export function labFolder(home: string, name: string): LabFolder {
	if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(name)) {
		throw new ProblemError("bad-request", `\`${name}\` can't name a lab: letters, digits, - and _, at most 40.`);
	}
	const dir = resolve(home, name);
	return {
		name,
		dir,
		id: createHash("sha256").update(dir).digest("hex").slice(0, 24),
		mark: join(dir, ".runledger-lab"),
		file: join(dir, "lab.json"),
		socket: join(dir, "lab.sock"),
		targets: join(dir, "targets.yaml"),
		supervisorLog: join(dir, "supervisor.log"),
		logs: join(dir, "logs"),
		probes: join(dir, "probes"),
	};
}

/** Reads `lab.json`; null when there is none that can be read. */
export function readLabFile(folder: LabFolder): LabFile | null {
	try {
		return labFileSchema.parse(JSON.parse(readFileSync(folder.file, "utf8")));
	} catch {
		return null;
	}
}

/** Marks a folder, just made, as a lab's. */
export function markFolder(folder: LabFolder): void {
	writeFileSync(folder.mark, `${folder.id}\n`, { mode: 0o600 });
}

/** Whether a folder is a lab's, or what a lab that was killed while it began has left: an empty one. */
export function isLabs(folder: LabFolder): boolean {
	if (existsSync(folder.file)) return true;
	try {
		if (readdirSync(folder.dir).length === 0) return true;
		return readFileSync(folder.mark, "utf8").trim() === folder.id;
	} catch {
		return false;
	}
}

/** The folders under `home` that look like labs, by name. */
export function labFolders(home: string): LabFolder[] {
	let names: string[];
	try {
		names = readdirSync(home, { withFileTypes: true })
			.filter((entry) => entry.isDirectory())
			.map((entry) => entry.name)
			.sort();
	} catch {
		return [];
	}
	return names.filter((name) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(name)).map((name) => labFolder(home, name));
}
