import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const cli = new URL("../../dist/server/cli.js", import.meta.url).pathname;
const strace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
if (!strace) console.log("Not traced: strace is missing or may not trace here (apt-get install strace).");

/** What a trace shows of one run, in its order. */
type Moment =
	| "intent written"
	| "intent synced"
	| "program started"
	| "output recorded"
	| "recording written"
	| "recording synced"
	| "end written"
	| "end synced"
	| "end told";

/** Reads `strace -f -y -s 8192` of one run: the journal, the recording, the step's own program, and standard output. */
function momentsOf(trace: string, output: string): Moment[] {
	const moments: Moment[] = [];
	const once = (moment: Moment) => {
		if (!moments.includes(moment)) moments.push(moment);
	};
	/** Threads in the middle of a sync, and what was written when it began: only that is on the disk then. */
	const syncing = new Map<string, { file: string; writes: number }>();
	const writes: Record<string, number> = { journal: 0, recording: 0 };
	const synced = ({ file, writes: before }: { file: string; writes: number }) => {
		// What was written while it was synced may not be on the disk.
		if (before !== writes[file]) return;
		if (file === "recording") moments.push("recording synced");
		else if (moments.includes("end written")) once("end synced");
		else if (moments.includes("intent written")) once("intent synced");
	};
	for (const line of trace.split("\n")) {
		const thread = line.split(" ", 1)[0] ?? "";
		const file = /<[^>]*events\.db-wal>/.test(line) ? "journal" : /<[^>]*\.cast>/.test(line) ? "recording" : null;
		if (file !== null && line.includes("pwrite64(")) {
			writes[file] = (writes[file] ?? 0) + 1;
			// Pages are written again with later events: the first time counts.
			if (line.includes('type\\":\\"run.started')) once("intent written");
			if (line.includes('type\\":\\"run.finished')) once("end written");
			if (file === "recording") moments.push("recording written");
			if (file === "recording" && line.includes(output)) once("output recorded");
		} else if (file !== null && /f(data)?sync\(/.test(line)) {
			const begun = { file, writes: writes[file] ?? 0 };
			if (line.includes("<unfinished")) syncing.set(thread, begun);
			else if (line.endsWith("= 0")) synced(begun);
		} else if (/f(data)?sync resumed>.*= 0$/.test(line)) {
			const begun = syncing.get(thread);
			if (begun !== undefined) synced(begun);
			syncing.delete(thread);
		} else if (/execve\(/.test(line) && line.includes(`"${output}"`)) {
			once("program started");
		} else if (/write\(1<.*run\.finished/.test(line)) {
			once("end told");
		}
	}
	return moments;
}

it.runIf(strace)(
	"syncs the intent before the program starts, the recording before the end is written, and the end before it is told",
	{ timeout: 120_000 },
	() => {
		const folder = mkdtempSync(join(tmpdir(), "runledger-traced-"));
		try {
			const book = join(folder, "book.md");
			const trace = join(folder, "trace");
			writeFileSync(book, `\`\`\`sh {"name":"one"}\n/bin/echo traced-$((40 + 2))\n\`\`\`\n`);
			const calls = "trace=execve,pwrite64,write,fsync,fdatasync";
			const args = ["-f", "-y", "-s", "8192", "-e", calls, "-o", trace, process.execPath, cli];
			execFileSync("strace", [...args, "run", book, "--yes", "--json", "--data", join(folder, "data")]);
			const moments = momentsOf(readFileSync(trace, "utf8"), "traced-42");
			const at = (moment: Moment) => moments.indexOf(moment);
			expect(moments).toEqual(expect.arrayContaining(["program started", "output recorded", "end told"]));
			expect(at("intent synced")).toBeGreaterThan(at("intent written"));
			expect(at("program started")).toBeGreaterThan(at("intent synced"));
			expect(at("output recorded")).toBeGreaterThan(at("program started"));
			expect(moments[at("end written") - 1]).toBe("recording synced");
			expect(at("end written")).toBeGreaterThan(at("output recorded"));
			expect(at("end synced")).toBeGreaterThan(at("end written"));
			expect(at("end told")).toBeGreaterThan(at("end synced"));
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	},
);
