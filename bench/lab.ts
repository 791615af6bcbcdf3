import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabStatus } from "../core/lab.ts";
import { labDown, labFault, labProbeStart, labProbeStop, labStatus, labUp } from "../lab/lab-client.ts";
import { labFolder, labMarker } from "../lab/lab-folder.ts";
import { processPlatform } from "../lab/process-platform.ts";

/** What one round measured. Times in milliseconds. */
interface Round {
	up: number;
	promoted: number;
	clientRto: number | null;
	oracleRto: number | null;
	clientLost: number | null;
	oracleLost: number | null;
	down: number;
	left: string[];
}

/** A new master that is not there after this long is a failed round. */
const promotedWithinMs = 20_000;

/**
 * Up, kill the master, a new master, the probes' figures, down with nothing left: `--rounds N`, 20 unless told.
 * Gives false when a round has no new master, an unknown number of lost writes, or leaves a process or a file.
 */
export async function run(args: string[]): Promise<boolean> {
	const at = args.indexOf("--rounds");
	const rounds = at === -1 ? 20 : Number(args[at + 1]);
	const home = mkdtempSync(join(tmpdir(), "runledger-bench-lab-"));
	const done: Round[] = [];
	let wrong = 0;
	try {
		console.log("round  up ms  new master ms  RTO client  RTO oracle  lost client  lost oracle  down ms  left");
		for (let n = 1; n <= rounds; n++) {
			try {
				const round = await oneRound(home, `bench-${n}`);
				done.push(round);
				const cells = [round.up, round.promoted, round.clientRto, round.oracleRto, round.clientLost, round.oracleLost];
				console.log([n, ...cells, round.down, round.left.join(" ") || "nothing"].map((cell) => cell ?? "?").join("\t"));
				if (round.left.length > 0 || round.clientLost === null || round.oracleLost === null) wrong += 1;
			} catch (error) {
				wrong += 1;
				console.log(`${n}\t${(error as Error).message}`);
				await labDown({ home, name: `bench-${n}` }).catch(() => {});
			}
		}
	} finally {
		rmSync(home, { recursive: true, force: true });
	}
	const median = (of: (round: Round) => number | null): number => {
		const sorted = done.map((round) => of(round) ?? Number.NaN).sort((a, b) => a - b);
		return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
	};
	console.log(
		`${done.length} of ${rounds} rounds, ${wrong} wrong; medians: up ${median((r) => r.up)} ms, ` +
			`RTO ${median((r) => r.clientRto)} ms (client), ${median((r) => r.oracleRto)} ms (oracle), down ${median((r) => r.down)} ms`,
	);
	return wrong === 0 && done.length === rounds;
}

async function oneRound(home: string, name: string): Promise<Round> {
	const lab = { home, name };
	const started = performance.now();
	await labUp({ ...lab, kind: "redis-sentinel", path: process.env["PATH"] ?? "", now: new Date() });
	const up = performance.now() - started;
	await labProbeStart({ ...lab, kind: "client" });
	await labProbeStart({ ...lab, kind: "oracle" });
	await pause(500);
	const killed = performance.now();
	const { node } = await labFault({ ...lab, kind: "kill", node: `${name}.master` });
	await seen(lab, (status) => status.nodes.some((one) => one.role === "master" && one.name !== node));
	const promoted = performance.now() - killed;
	await seen(lab, (status) => status.probes.every((probe) => probe.gap !== null && probe.gap.to !== null));
	const client = await labProbeStop({ ...lab, kind: "client" });
	const oracle = await labProbeStop({ ...lab, kind: "oracle" });
	const ending = performance.now();
	await labDown(lab);
	const down = performance.now() - ending;
	const folder = labFolder(home, name);
	const left = processPlatform.withEnvironment(labMarker, folder.id).map((pid) => `process ${pid}`);
	if (existsSync(folder.dir)) left.push(...readdirSync(folder.dir));
	return {
		up: Math.round(up),
		promoted: Math.round(promoted),
		clientRto: client.rtoMs,
		oracleRto: oracle.rtoMs,
		clientLost: client.lost,
		oracleLost: oracle.lost,
		down: Math.round(down),
		left,
	};
}

async function seen(lab: { home: string; name: string }, what: (status: LabStatus) => boolean): Promise<void> {
	for (const until = performance.now() + promotedWithinMs; performance.now() < until; await pause(25)) {
		if (what(await labStatus(lab))) return;
	}
	throw new Error("no new master, or no writes, in time");
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
