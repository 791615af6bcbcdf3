import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { JsonObject } from "../core/json.ts";
import type { LabEvent, LabKindStatus, LabStatus, ProbeResult } from "../core/lab.ts";
import { ProblemError } from "../core/problem.ts";
import type { ProbeKind } from "../targets/target-probe.ts";
import { connectLab, type LabConnection } from "./lab-connection.ts";
import { isLabs, type LabFile, type LabFolder, labFolder, labFolders, markFolder, readLabFile } from "./lab-folder.ts";
import { endLeftovers } from "./lab-leftovers.ts";
import type { FaultKind } from "./lab-protocol.ts";
import { labTopologies, labTopology } from "./lab-topologies.ts";
import { claimFile, claimStart } from "./start-claim.ts";
import { startSupervisor } from "./start-supervisor.ts";

/** Whoever asks how labs stand is told of the others soon. */
const statusPatienceSeconds = 5;

/** Which lab: `home` is the folder of all labs, `<data>/labs`. */
export interface LabName {
	home: string;
	name: string;
}

/** What can be started here: `path` is the variable PATH. */
export function labKinds(path: string): LabKindStatus[] {
	return labTopologies.map((topology) => {
		const needs = topology.needs(topology.options.parse({}), path);
		return {
			kind: topology.kind,
			title: topology.title,
			description: topology.description,
			needs,
			available: needs.every((need) => need.found !== null),
		};
	});
}

/**
 * Starts a lab and resolves when its cluster is whole; its target stands in `<home>/<name>/targets.yaml` then.
 * Refuses `lab-exists`, `lab-binary-missing` (names the package) and unusable options; `lab-start-failed` leaves nothing behind.
 */
export async function labUp(
	lab: LabName & { kind: string; options?: Record<string, unknown>; path: string; now: Date },
): Promise<{ status: LabStatus; target: JsonObject; targetsFile: string }> {
	const folder = labFolder(lab.home, lab.name);
	const topology = labTopology(lab.kind);
	if (!topology) {
		throw new ProblemError("bad-request", `There is no lab \`${lab.kind}\`.`, {
			next: `There is ${labTopologies.map((one) => one.kind).join(", ")}.`,
		});
	}
	const options = topology.options.safeParse(lab.options ?? {});
	if (!options.success) {
		const issue = options.error.issues[0];
		if (issue?.code === "unrecognized_keys") {
			const known = "shape" in topology.options ? (topology.options.shape as object) : {};
			throw new ProblemError("bad-request", `A ${lab.kind} lab has no option \`${issue.keys.join("`, `")}\`.`, {
				next: `It has ${Object.keys(known).join(", ")}.`,
			});
		}
		throw new ProblemError(
			"bad-request",
			`Option \`${issue?.path.join(".") ?? ""}\`: ${issue?.message ?? "it can't be used"}.`,
		);
	}
	const missing = topology.needs(options.data, lab.path).filter((need) => need.found === null);
	if (missing.length > 0) {
		throw new ProblemError("lab-binary-missing", `Not installed: ${missing.map((need) => need.name).join(", ")}.`, {
			next: `Run \`${[...new Set(missing.map((need) => need.install))].join(" && ")}\`.`,
		});
	}
	let release: (() => void) | null = null;
	try {
		makeHome(lab.home);
		release = claimStart(folder);
		return await startClaimed(folder, lab);
	} catch (error) {
		throw startFailed(error);
	} finally {
		release?.();
	}
}

async function startClaimed(folder: LabFolder, lab: Parameters<typeof labUp>[0]): ReturnType<typeof labUp> {
	await makeFolder(folder);
	let connection: LabConnection | null = null;
	const file: LabFile = {
		v: 1,
		kind: lab.kind,
		name: lab.name,
		options: lab.options ?? {},
		createdAt: lab.now.toISOString(),
		ports: [],
	};
	try {
		markFolder(folder);
		writeFileSync(folder.file, JSON.stringify(file), { mode: 0o600 });
		connection = await startSupervisor(folder, lab.path);
		const { status, target } = await connection.request("ready", {});
		return { status, target, targetsFile: folder.targets };
	} catch (error) {
		await clear(folder);
		throw error;
	} finally {
		connection?.close();
	}
}

/**
 * Takes a lab down: no process and no file of it is left, also when its supervisor was killed or does not answer.
 * `lab-unknown` when there is none.
 */
export async function labDown(lab: LabName): Promise<void> {
	const folder = labFolder(lab.home, lab.name);
	const known = isLabs(folder);
	const connection = known ? await connectLab(folder.socket).catch(() => null) : null;
	if (connection) {
		await connection.request("down", {}).catch(() => {});
		connection.close();
	}
	const ended = await endLeftovers(folder.id);
	if (!known && ended === 0) throw unknownAt(folder);
	rmSync(claimFile(folder), { force: true });
	await clear(folder);
}

/** A lab's state; `down` with a reason when its folder is there and its supervisor is not, `failed` when that does not answer. */
export async function labStatus(lab: LabName): Promise<LabStatus> {
	const folder = labFolder(lab.home, lab.name);
	const status = await statusOf(folder);
	if (!status) throw unknownAt(folder);
	return status;
}

/** All labs under a home, by name: within a few seconds, whatever one of them does. */
export async function labList(home: string): Promise<LabStatus[]> {
	const found = await Promise.all(labFolders(home).map(statusOf));
	return found.filter((status) => status !== null);
}

/** The last lines of a node's log. */
export async function labLogs(lab: LabName & { node: string; lines: number }): Promise<string[]> {
	const { lines } = await ask(lab, (connection) => connection.request("logs", { node: lab.node, lines: lab.lines }));
	return lines;
}

/**
 * Breaks a node, named by its name, its address or a role (`orders.master`), for `seconds` (120 unless told).
 * Refuses `lab-not-ours` and `lab-node-unknown`.
 */
export async function labFault(
	lab: LabName & { kind: FaultKind; node: string; seconds?: number },
): Promise<{ node: string; healsAt: string }> {
	const { kind, node, seconds } = lab;
	return ask(lab, (connection) =>
		connection.request("fault", { kind, node, ...(seconds !== undefined && { seconds }) }),
	);
}

/** Lets a fault last for `seconds` from now on. */
export async function labExtend(
	lab: LabName & { node: string; seconds: number },
): Promise<{ node: string; healsAt: string }> {
	return ask(lab, (connection) => connection.request("extend", { node: lab.node, seconds: lab.seconds }));
}

/** Mends one node, or all: starts what does not run, wakes what is frozen. Gives the names of those mended. */
export async function labHeal(lab: LabName & { node?: string }): Promise<string[]> {
	const { healed } = await ask(lab, (connection) =>
		connection.request("heal", lab.node === undefined ? {} : { node: lab.node }),
	);
	return healed;
}

/** The original roles and data again. Probes are stopped. */
export async function labReset(lab: LabName): Promise<{ status: LabStatus; tookMs: number }> {
	return ask(lab, (connection) => connection.request("reset", {}));
}

/** Starts a probe, 300 writes a second unless told. `followsSentinel: false` makes a client that only leaves a broken connection. */
export async function labProbeStart(
	lab: LabName & { kind: ProbeKind; perSecond?: number; followsSentinel?: boolean },
): Promise<ProbeResult> {
	const { kind, perSecond, followsSentinel } = lab;
	return ask(lab, (connection) =>
		connection.request("probe.start", {
			kind,
			...(perSecond !== undefined && { perSecond }),
			...(followsSentinel !== undefined && { followsSentinel }),
		}),
	);
}

/** Counts lost writes on the master that there is now; the probe goes on. */
export async function labProbeCheck(lab: LabName & { kind: ProbeKind }): Promise<ProbeResult> {
	return ask(lab, (connection) => connection.request("probe.check", { kind: lab.kind }));
}

/** Ends a probe and gives its final figures. */
export async function labProbeStop(lab: LabName & { kind: ProbeKind }): Promise<ProbeResult> {
	return ask(lab, (connection) => connection.request("probe.stop", { kind: lab.kind }));
}

/** Follows a lab until stopped: its status about once a second and at each change, every event once. `onEnd`: the lab is gone. */
export async function labFollow(
	lab: LabName,
	listener: { status(status: LabStatus): void; event?(event: LabEvent): void; end?(): void },
): Promise<() => void> {
	const connection = await connectLab(labFolder(lab.home, lab.name).socket);
	if (!connection) throw unknown(lab.name);
	let stopped = false;
	connection.onPush = (push) => {
		if (stopped) return;
		if ("status" in push) listener.status(push.status);
		else listener.event?.(push.event);
	};
	connection.onClose = () => {
		if (!stopped) listener.end?.();
	};
	try {
		listener.status(await connection.request("follow", {}));
	} catch (error) {
		connection.close();
		throw error;
	}
	return () => {
		stopped = true;
		connection.close();
	};
}

async function ask<T>(lab: LabName, question: (connection: LabConnection) => Promise<T>): Promise<T> {
	const connection = await connectLab(labFolder(lab.home, lab.name).socket);
	if (!connection) throw unknown(lab.name);
	try {
		return await question(connection);
	} finally {
		connection.close();
	}
}

/** Null when the folder is no lab's. */
async function statusOf(folder: LabFolder): Promise<LabStatus | null> {
	let isSilent = false;
	let connection: LabConnection | null = null;
	try {
		connection = await connectLab(folder.socket);
		if (connection) return await connection.request("status", {}, statusPatienceSeconds);
	} catch (error) {
		// Else it ended just now.
		isSilent = error instanceof ProblemError && error.problem.code === "lab-silent";
	} finally {
		connection?.close();
	}
	if (!isSilent && !isLabs(folder)) return null;
	const file = readLabFile(folder);
	return {
		name: folder.name,
		kind: file?.kind ?? "unknown",
		state: isSilent ? "failed" : "down",
		detail: isSilent
			? "Its supervisor does not answer; take it down, which ends all that it started."
			: "Its supervisor has ended; take it down to clear up.",
		...(isSilent && { isSilent }),
		since: file?.createdAt ?? new Date(0).toISOString(),
		nodes: [],
		probes: [],
		events: [],
	};
}

/** With what is missing above it. Step by step: Node's own way never ends where nothing can be made, as in /proc. */
function makeHome(home: string): void {
	const missing: string[] = [];
	for (let at = resolve(home); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
	for (const folder of missing) {
		try {
			mkdirSync(folder, { mode: 0o700 });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
	}
}

/** What the system refused, as a lab's problem: the disk is full or read-only, or a folder on the way is none. */
function startFailed(error: unknown): unknown {
	if (error instanceof ProblemError || !(error instanceof Error)) return error;
	return (error as NodeJS.ErrnoException).syscall === undefined
		? error
		: new ProblemError("lab-start-failed", `${error.message}.`);
}

async function makeFolder(folder: LabFolder): Promise<void> {
	try {
		mkdirSync(folder.dir, { mode: 0o700 });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		const connection = await connectLab(folder.socket);
		connection?.close();
		if (connection) throw new ProblemError("lab-exists", `Lab ${folder.name} is up already.`);
		if (!isLabs(folder)) {
			throw new ProblemError("lab-exists", `${folder.dir} is there already, and is not a lab's.`, {
				next: "Give the lab another name, or move what stands there.",
			});
		}
		// What a killed supervisor left.
		await clear(folder);
		mkdirSync(folder.dir, { mode: 0o700 });
	}
}

async function clear(folder: LabFolder): Promise<number> {
	const ended = await endLeftovers(folder.id);
	rmSync(folder.dir, { recursive: true, force: true, maxRetries: 5 });
	return ended;
}

function unknown(name: string): ProblemError {
	return new ProblemError("lab-unknown", `There is no lab \`${name}\`.`);
}

function unknownAt(folder: LabFolder): ProblemError {
	if (!existsSync(folder.dir)) return unknown(folder.name);
	const detail = `There is no lab \`${folder.name}\`: ${folder.dir} is there, and is not a lab's.`;
	return new ProblemError("lab-unknown", detail, { next: "Move what stands there, if you want the name." });
}
