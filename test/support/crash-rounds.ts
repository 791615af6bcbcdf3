import { execFileSync } from "node:child_process";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statfsSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Database from "better-sqlite3";
import type { JoinedEvent } from "../../core/session-event.ts";
import { verifyPath } from "../../server/records/verify.ts";
import { connectPage, type PageConnection, signInByLink, startServerProcess } from "./server-process.ts";

/** What went wrong in a round; empty when all held. */
export interface RoundReport {
	round: number;
	killedAfterMs: number;
	acknowledged: number;
	started: number;
	/** Runs that were open when the server died. */
	open: number;
	/** Runs that ended as lost, in all rounds so far. */
	lost: number;
	wrong: string[];
}

export interface CrashOptions {
	/** A folder of its own; for a full disk, the mount point of a small file system. */
	folder: string;
	rounds: number;
	/** Fill the disk at the random moment, and kill the server a while later. */
	fillDisk?: boolean;
	/** 0 up to 1. */
	random(): number;
	onRound?(report: RoundReport): void;
}

const runbook = `# Work

\`\`\`sh {"name":"short"}
echo "$RUNLEDGER_RUN" >> "$WITNESS"
seq 50
\`\`\`

\`\`\`sh {"name":"longer"}
echo "$RUNLEDGER_RUN" >> "$WITNESS"
for i in 1 2 3 4 5; do head -c 3000 /dev/urandom | base64; sleep 0.05; done
\`\`\`

\`\`\`sh {"name":"hold","group":"both"}
echo "$RUNLEDGER_RUN" >> "$WITNESS"
\`\`\`

\`\`\`sh {"name":"release","group":"both"}
echo "$RUNLEDGER_RUN" >> "$WITNESS"; sleep 0.1
\`\`\`
`;

/** Whether this process may mount file systems. */
export function canMount(): boolean {
	return process.getuid?.() === 0 && existsSync("/bin/mount");
}

/** Mounts a small file system in memory; the returned function takes it away. */
export function mountSmallDisk(folder: string, mebibytes: number): () => void {
	mkdirSync(folder, { recursive: true });
	execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder]);
	return () => execFileSync("umount", ["-l", folder]);
}

/**
 * Kills the server at random moments while steps run, starts it again, and looks each time: no acknowledged event is
 * missing, each open intent ended as lost, nothing ran without its intent, and verification is clean.
 */
export async function crashRounds(options: CrashOptions): Promise<RoundReport[]> {
	const data = join(options.folder, "data");
	const books = join(options.folder, "books");
	// On another disk: what runs must be seen also when this one is full.
	const elsewhere = mkdtempSync(join(tmpdir(), "runledger-witness-"));
	const witness = join(elsewhere, "witness");
	const config = join(options.folder, "runledger.yaml");
	mkdirSync(books, { recursive: true });
	writeFileSync(join(books, "work.md"), runbook);
	writeFileSync(witness, "");
	writeFileSync(
		config,
		`runbooks: [${books}]\nshell: { environment: [WITNESS] }\ntargets: { local: { kind: local, environment: lab } }\n`,
	);
	const reports: RoundReport[] = [];
	const acknowledged = new Map<string, JoinedEvent>();
	try {
		for (let round = 1; round <= options.rounds; round++) {
			const killedAfterMs = Math.round(100 + options.random() * 900);
			await workUntilKilled({
				data,
				config,
				witness,
				killedAfterMs,
				acknowledged,
				fillDisk: options.fillDisk === true,
				folder: options.folder,
			});
			const open = openRuns(data, elsewhere);
			const report = await lookAfter({ data, config, witness, acknowledged, round, killedAfterMs, open });
			reports.push(report);
			options.onRound?.(report);
		}
	} finally {
		rmSync(elsewhere, { recursive: true, force: true });
	}
	return reports;
}

interface Work {
	data: string;
	config: string;
	witness: string;
	folder: string;
	killedAfterMs: number;
	fillDisk: boolean;
	acknowledged: Map<string, JoinedEvent>;
}

async function workUntilKilled(work: Work): Promise<void> {
	const server = await startServerProcess(work.data, ["--config", work.config], { WITNESS: work.witness });
	const ballast = join(work.folder, "ballast");
	let page: PageConnection | undefined;
	try {
		page = await connectPage(server.url, await signInByLink(server.url, server.signIn, "crash"));
		const driven = drive(page, work);
		await delay(work.killedAfterMs);
		if (work.fillDisk) {
			fillDisk(ballast, work.folder);
			await delay(600);
		}
		await server.crash();
		await driven;
	} finally {
		page?.close();
		await server.crash();
		rmSync(ballast, { force: true });
	}
}

/** Opens sessions and asks for runs until the line is gone; keeps what was acknowledged. */
async function drive(page: PageConnection, { acknowledged, witness }: Work): Promise<void> {
	const keep = (events: JoinedEvent[]) => {
		for (const event of events) acknowledged.set(`${event.stream} ${event.seq}`, event);
	};
	page.socket.on("session.events", ({ events }: { events: JoinedEvent[] }) => keep(events));
	try {
		const { runbooks } = await page.request("library.list", {});
		const path = runbooks[0]?.path ?? "";
		const { session } = await page.request("session.open", { path, kind: "change", values: { WITNESS: witness } });
		const { events } = await page.request("session.watch", { session });
		keep(events);
		for (let i = 0; page.socket.connected; i++) {
			const unit = ["short", "longer", "both"][i % 3] ?? "short";
			try {
				const { plan, confirmation } = await page.request("plan.read", { session, unit });
				await page.request("run.request", { session, unit, planDigest: plan.digest, confirmation });
			} catch (error) {
				// Under way, or the disk is full: try again until the line is gone.
				if (!page.socket.connected || !("problem" in (error as object))) return;
				await delay(20);
			}
		}
	} catch {
		// The server was killed in the middle of a request: that is the point.
	}
}

/** Takes all room of the file system that `folder` is on. */
export function fillDisk(file: string, folder: string): void {
	const chunk = Buffer.alloc(64 * 1024, 7);
	for (;;) {
		try {
			writeFileSync(file, chunk, { flag: "a" });
		} catch {
			const { bavail } = statfsSync(folder);
			if (bavail === 0) return;
			try {
				writeFileSync(file, chunk.subarray(0, 4096), { flag: "a" });
			} catch {
				return;
			}
		}
	}
}

async function lookAfter(look: {
	data: string;
	config: string;
	witness: string;
	acknowledged: Map<string, JoinedEvent>;
	round: number;
	killedAfterMs: number;
	open: readonly string[];
}): Promise<RoundReport> {
	// A start recovers; a stop leaves a folder at rest.
	const server = await startServerProcess(look.data, ["--config", look.config], { WITNESS: look.witness });
	await server.stop();
	const wrong: string[] = [];
	const events = readEvents(look.data);
	const byPlace = new Map(events.map((event) => [`${event.stream} ${event.seq}`, event]));
	for (const [place, event] of look.acknowledged) {
		if (byPlace.get(place)?.hash !== event.hash) wrong.push(`acknowledged event ${place} (${event.type}) is missing`);
	}
	const of = (type: string) => events.filter((event) => event.type === type);
	const started = new Set(of("run.started").map((event) => String(event.data["run"])));
	const finished = new Map(of("run.finished").map((event) => [String(event.data["run"]), event.data["outcome"]]));
	for (const run of started) if (!finished.has(run)) wrong.push(`run ${run} started and has no end`);
	for (const run of look.open) {
		if (finished.get(run) !== "lost") wrong.push(`run ${run} was open and ended as ${finished.get(run)}`);
	}
	if (finished.size !== of("run.finished").length) wrong.push("a run ended twice");
	for (const run of readFileSync(look.witness, "utf8").split("\n")) {
		if (run !== "" && !started.has(run)) wrong.push(`run ${run} ran without its intent`);
	}
	const report = await verifyPath(look.data);
	if (!report.ok) wrong.push(`verify: ${report.reason} at ${JSON.stringify(report.firstBad)}`);
	return {
		round: look.round,
		killedAfterMs: look.killedAfterMs,
		acknowledged: look.acknowledged.size,
		started: started.size,
		open: look.open.length,
		lost: [...finished.values()].filter((outcome) => outcome === "lost").length,
		wrong,
	};
}

/** Runs with an intent and no end, as the death has left them; read from a copy, since reading would tidy the journal up. */
function openRuns(data: string, elsewhere: string): string[] {
	for (const name of ["events.db", "events.db-wal"]) {
		rmSync(join(elsewhere, name), { force: true });
		if (existsSync(join(data, name))) copyFileSync(join(data, name), join(elsewhere, name));
	}
	const of = (type: string) => events.filter((event) => event.type === type).map((event) => String(event.data["run"]));
	const events = readEvents(elsewhere);
	const finished = new Set(of("run.finished"));
	return of("run.started").filter((run) => !finished.has(run));
}

interface EventOnDisk {
	stream: string;
	seq: number;
	hash: string;
	type: string;
	data: Record<string, unknown>;
}

/** Reads the events as they are on disk, without the store that wrote them. */
function readEvents(data: string): EventOnDisk[] {
	const database = new Database(join(data, "events.db"));
	try {
		const rows = database.prepare("SELECT stream, seq, hash, bytes FROM events ORDER BY position").all();
		return (rows as { stream: string; seq: number; hash: string | Buffer; bytes: Buffer }[]).map((row) => ({
			stream: row.stream,
			seq: row.seq,
			hash: typeof row.hash === "string" ? row.hash : row.hash.toString("hex"),
			...(JSON.parse(row.bytes.toString("utf8")) as { type: string; data: Record<string, unknown> }),
		}));
	} finally {
		database.close();
	}
}
