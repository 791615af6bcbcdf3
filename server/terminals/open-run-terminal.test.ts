import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ProblemError } from "../../core/problem.ts";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import { createFileRecordings, type FileRecordings } from "../../test/support/file-recordings.ts";
import { openPlainTerminal, runBash } from "../../test/support/open-plain-terminal.ts";
import { endStrays } from "./end-strays.ts";
import type { RunTerminalOptions } from "./open-run-terminal.ts";
import { linuxPlatform } from "./platform-linux.ts";
import type { RunTerminalHandle } from "./run-terminal.ts";

let recordings: FileRecordings;
let counter = 0;

beforeAll(async () => {
	recordings = await createFileRecordings();
});
beforeEach(() => {
	recordings.failure = null;
});
afterAll(() => recordings.remove());

function open(more: Partial<RunTerminalOptions> = {}): Promise<RunTerminalHandle> {
	return openPlainTerminal({ run: `run-${process.pid}-${++counter}`, recordings, ...more });
}

async function recorded(terminal: RunTerminalHandle) {
	return decodeRecording(await readFile(recordings.file(terminal.run), "utf8"));
}

async function outputOf(script: string): Promise<Buffer> {
	const terminal = await open();
	await runBash(terminal, script);
	const summary = await terminal.finish(0);
	const { events, complete } = await recorded(terminal);
	const bytes = recordingBytes(events);
	expect(complete).toBe(true);
	expect(summary.outputBytes).toBe(bytes.length);
	expect(Buffer.from(terminal.log.tail(1e9)).equals(bytes)).toBe(true);
	return Buffer.from(bytes);
}

describe("the last bytes", () => {
	const sequence = Array.from({ length: 2000 }, (_, i) => `${i + 1}\n`).join("");
	test.each([
		["seq 2000", "stty -opost; seq 2000", Buffer.from(sequence)],
		["one byte", "printf x", Buffer.from("x")],
		["nothing", "true", Buffer.alloc(0)],
		["bytes that are not UTF-8", "stty -opost; printf '\\377\\376a\\200\\303'", Buffer.from([255, 254, 97, 128, 0xc3])],
		["20,000 random bytes", "stty -opost; head -c 20000 /dev/zero | tr '\\0' '\\351'", Buffer.alloc(20000, 0xe9)],
	])("no byte of %s is lost, 20 times", async (_name, script, expected) => {
		for (let i = 0; i < 20; i++) {
			expect((await outputOf(script)).equals(expected)).toBe(true);
		}
	});

	test("a process that is left behind and writes on and on does not keep the run from ending", async () => {
		const terminal = await open();
		const begin = performance.now();
		expect((await runBash(terminal, "(trap '' HUP; exec yes) & sleep 0.2; exit 4")).exitCode).toBe(4);
		expect(performance.now() - begin).toBeLessThan(3000);
		expect((await terminal.finish(4)).truncated).toBe(false);
		await endStrays(new Set([terminal.run]), linuxPlatform, 100);
	});

	test("what a background process wrote before the exit is there too", async () => {
		expect((await outputOf("(printf late) & wait; printf ' end'")).toString()).toBe("late end");
	});
});

describe("a process in the terminal", () => {
	test("leads a session on a controlling terminal of the size that was asked for", async () => {
		const output = (await outputOf("ps -o pid=,pgid=,sid=,tpgid= -p $$; tty; stty size; echo $TERM")).toString();
		const [numbers, tty, size, term] = output.trim().split("\r\n");
		const [pid, group, session, foreground] = numbers!.trim().split(/\s+/);
		expect([group, session, foreground]).toEqual([pid, pid, pid]);
		expect(tty).toMatch(/^\/dev\/pts\/\d+$/);
		expect(size).toBe("24 80");
		expect(term).toBe("xterm-256color");
	});

	test("gives its exit code, its signal, and what it wrote to the extra descriptors", async () => {
		const terminal = await open();
		const exit = await runBash(terminal, "echo three >&3; head -c 3000000 /dev/zero >&4; exit 7", { channels: 2 });
		expect(exit).toMatchObject({ exitCode: 7, signal: null, strays: 0 });
		expect(Buffer.from(exit.channels[0]!).toString()).toBe("three\n");
		expect(exit.channels[1]!.length).toBe(1024 * 1024);
		expect(await runBash(terminal, "kill -TERM $$")).toMatchObject({ exitCode: null, signal: "SIGTERM" });
		await terminal.finish();
	});

	test("that leaves a daemon holding an extra descriptor does not wait for it", async () => {
		const terminal = await open();
		const begin = performance.now();
		const exit = await runBash(terminal, "echo value >&3; setsid sleep 3 >/dev/null 2>&1 </dev/null & sleep 0.1", {
			channels: 1,
		});
		expect(performance.now() - begin).toBeLessThan(1500);
		expect(Buffer.from(exit.channels[0]!).toString()).toBe("value\n");
		await endStrays(new Set([terminal.run]), linuxPlatform, 100);
		await terminal.finish();
	});

	test("inherits no other run's terminal and none of the server's files", async () => {
		const other = await open();
		const waiting = runBash(other, "read");
		const output = (await outputOf("ls -l /proc/self/fd")).toString();
		expect(output).not.toContain("ptmx");
		expect(output.match(/\/dev\/pts\/\d+/g)?.length).toBe(3);
		expect(new Set(output.match(/\/dev\/pts\/\d+/g)).size).toBe(1);
		expect(output).not.toContain("socket:");
		expect(output).not.toContain(".cast");
		other.input(Buffer.from("\n"), "driver");
		await waiting;
		await other.finish();
	});

	test("gets what is typed, and Ctrl+C interrupts what is in the foreground", async () => {
		const terminal = await open();
		const running = runBash(
			terminal,
			"trap 'echo interrupted; exit 5' INT; echo ready; read line; echo got $line; sleep 30",
		);
		await said(terminal, "ready");
		terminal.input(Buffer.from("hello\n"), "driver");
		await said(terminal, "got hello");
		terminal.input(Buffer.from("\x03"), "driver");
		expect((await running).exitCode).toBe(5);
		expect(terminal.outputText()).toBe("ready\nhello\ngot hello\n^Cinterrupted\n");
		expect(terminal.input(Buffer.from("late"), "driver")).toBe(false);
		await terminal.finish();
	});

	test("that is typed a megabyte without reading it holds up nobody", async () => {
		const terminal = await open();
		const running = runBash(terminal, "stty raw -echo; echo ready; head -c 300000 | wc -c; exit 3");
		await said(terminal, "ready");
		expect(terminal.input(Buffer.alloc(300_000, "a"), "driver")).toBe(true);
		expect(terminal.input(Buffer.alloc(1024 * 1024, "a"), "driver")).toBe(false);
		expect((await running).exitCode).toBe(3);
		expect(terminal.outputText()).toContain("300000");
		await terminal.finish();
	});

	test("can't be started in a directory that is not there, or twice at once", async () => {
		const terminal = await open();
		const start = (cwd: string) =>
			terminal.spawn({ file: "sleep", args: ["0.2"], env: { PATH: process.env.PATH! }, cwd });
		await expect(start("/no/such/place")).rejects.toThrow("/no/such/place");
		const first = start("/");
		await expect(start("/")).rejects.toThrow("already");
		await first;
		await terminal.finish();
	});

	test("whose program is not there ends with 127 and says so in the terminal", async () => {
		const terminal = await open();
		const exit = await terminal.spawn({
			file: "no-such-program",
			args: [],
			env: { PATH: process.env.PATH! },
			cwd: "/",
		});
		expect(exit.exitCode).toBe(127);
		expect(terminal.outputText()).toContain("no-such-program");
		await terminal.finish();
	});
});

describe("cancelling", () => {
	const limits = { grace: { interruptMs: 300, terminateMs: 300 } };

	test("interrupts first, and what heeds it ends by itself", async () => {
		const controller = new AbortController();
		const terminal = await open({ signal: controller.signal, limits });
		const running = runBash(terminal, "trap 'echo cleaning up; exit 9' INT; echo ready; while :; do sleep 0.05; done");
		await said(terminal, "ready");
		controller.abort(new ProblemError("timeout"));
		expect((await running).exitCode).toBe(9);
		expect(terminal.outputText()).toContain("cleaning up");
		await terminal.finish();
	});

	test("ends by force what heeds neither SIGINT nor SIGTERM, with its whole group", async () => {
		const controller = new AbortController();
		const terminal = await open({ signal: controller.signal, limits });
		const running = runBash(
			terminal,
			"trap '' INT TERM; (trap '' INT TERM; sleep 60; sleep 60) & echo ready; wait; sleep 60",
		);
		await said(terminal, "ready");
		const begin = performance.now();
		controller.abort();
		expect(await running).toMatchObject({ signal: "SIGKILL" });
		expect(performance.now() - begin).toBeLessThan(2500);
		expect(await ofRun(terminal.run)).toEqual([]);
		await terminal.finish();
	});

	test("finds and ends what has daemonised: a second fork, a session of its own, closed streams", async () => {
		const controller = new AbortController();
		const terminal = await open({ signal: controller.signal, limits });
		const running = runBash(
			terminal,
			"(setsid bash -c \"trap '' INT TERM HUP; sleep 60; sleep 60\" </dev/null >/dev/null 2>&1 &); sleep 0.2; echo ready; sleep 60",
		);
		await said(terminal, "ready");
		expect((await ofRun(terminal.run)).length).toBeGreaterThanOrEqual(3);
		controller.abort();
		expect((await running).strays).toBeGreaterThanOrEqual(2);
		expect(await ofRun(terminal.run)).toEqual([]);
		await terminal.finish();
	});

	test("finds a child that has left the group, the session and the environment", async () => {
		const controller = new AbortController();
		const limits = { grace: { interruptMs: 200, terminateMs: 200 } };
		const terminal = await open({ signal: controller.signal, limits });
		const running = runBash(
			terminal,
			"setsid env -i bash -c 'trap \"\" INT TERM HUP; echo pid=$$; sleep 60; sleep 60' & sleep 60",
		);
		await said(terminal, "pid=");
		const pid = Number(/pid=(\d+)/.exec(terminal.outputText())?.[1]);
		expect(await ofRun(terminal.run)).not.toContain(pid);
		controller.abort();
		expect((await running).strays).toBeGreaterThanOrEqual(1);
		expect((await linuxPlatform.processes()).map((process) => process.pid)).not.toContain(pid);
		await terminal.finish();
	});

	test("finds what such a child starts later, when the program itself has ended already", async () => {
		const controller = new AbortController();
		const limits = { grace: { interruptMs: 30_000, terminateMs: 200 } };
		const terminal = await open({ signal: controller.signal, limits });
		const own = mkdtempSync(join(tmpdir(), "late-child-"));
		const until = (file: string) => `until [ -e ${own}/${file} ]; do sleep 0.05; done`;
		const late = `setsid sleep 60 & echo $! > ${own}/new; mv ${own}/new ${own}/pid`;
		writeFileSync(join(own, "child"), `trap "" INT TERM HUP; echo ready; ${until("go")}; ${late}; sleep 60; sleep 60`);
		// The first look has been by the time of this signal.
		const told = `trap 'touch ${own}/go; ${until("pid")}; exit 0' INT`;
		const running = runBash(terminal, `${told}; setsid env -i bash ${own}/child & wait`);
		await said(terminal, "ready");
		controller.abort();
		await running;
		const pid = Number(readFileSync(join(own, "pid"), "utf8"));
		expect(pid).toBeGreaterThan(0);
		expect((await linuxPlatform.processes()).map((process) => process.pid)).not.toContain(pid);
		await terminal.finish();
		rmSync(own, { recursive: true });
	});

	test("does not touch a daemon when the step ends by itself", async () => {
		const terminal = await open();
		await runBash(terminal, "(setsid sleep 60 </dev/null >/dev/null 2>&1 &); sleep 0.1");
		await terminal.finish();
		const left = await ofRun(terminal.run);
		expect(left.length).toBe(1);
		// As a server does at its start, for the runs that had not ended.
		expect((await endStrays(new Set([terminal.run, "another"]), linuxPlatform, 100)).map(({ pid }) => pid)).toEqual(
			left,
		);
		expect(await ofRun(terminal.run)).toEqual([]);
	});

	test("a run that is cancelled before its process starts it no more, and its `finally` still runs", async () => {
		const controller = new AbortController();
		controller.abort(new ProblemError("timeout"));
		const terminal = await open({ signal: controller.signal });
		await expect(runBash(terminal, "echo never")).rejects.toThrow(ProblemError);
		terminal.beginFinally(new AbortController().signal);
		await runBash(terminal, "echo afterwards");
		await terminal.finish();
		expect(terminal.outputText()).toBe("afterwards\n");
	});
});

describe("the output's limit", () => {
	test("stops the run, keeps exactly what fits and says that it was cut", async () => {
		const told: string[] = [];
		const terminal = await open({
			limits: { outputBytes: 100_000, grace: { interruptMs: 200, terminateMs: 200 } },
			onLimit: (problem) => told.push(problem.code),
		});
		await expect(runBash(terminal, "trap '' INT; yes")).rejects.toMatchObject({ problem: { code: "output-limit" } });
		await expect(terminal.write("more")).rejects.toMatchObject({ problem: { code: "output-limit" } });
		expect(await ofRun(terminal.run)).toEqual([]);
		terminal.beginFinally(new AbortController().signal);
		await terminal.write("released\n");
		await runBash(terminal, "echo and closed");
		const summary = await terminal.finish();
		expect(told).toEqual(["output-limit"]);
		expect(summary.truncated).toBe(true);
		expect(summary.outputBytes).toBe(100_000 + "released\r\nand closed\r\n".length);
		const { events, outputBytes } = await recorded(terminal);
		expect(outputBytes).toBe(summary.outputBytes);
		expect(events).toContainEqual(expect.objectContaining({ kind: "marker", label: "output limit reached" }));
	});
});

describe("the recording", () => {
	test("is synced within a second while bytes flow", async () => {
		const terminal = await open();
		const before = recordings.syncs;
		await runBash(terminal, "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i; sleep 0.1; done");
		expect(recordings.syncs - before).toBeGreaterThanOrEqual(2);
		await terminal.finish();
	});

	test("has markers in their place between the output, without secrets, and durable when asked", async () => {
		const terminal = await open({ secrets: ["hunter2"] });
		await terminal.write("one\n");
		await terminal.mark("sent AUTH hunter2");
		const before = recordings.syncs;
		await terminal.sync();
		expect(recordings.syncs).toBe(before + 1);
		await terminal.write("two\n");
		await terminal.finish(0);
		const { events } = await recorded(terminal);
		expect(events.map((event) => (event.kind === "marker" ? event.label : event.kind))).toEqual([
			"output",
			"sent AUTH ********",
			"output",
			"exit",
		]);
	});

	test("and the screen show a secret nowhere, whatever pieces it comes in", async () => {
		const terminal = await open({ secrets: ["correct horse", "line one\nline two"] });
		await runBash(
			terminal,
			"printf 'a correct'; sleep 0.1; printf ' hor'; sleep 0.1; printf 'se b\\nline one\\n'; sleep 0.1; printf 'line two correct h'",
		);
		await terminal.finish(0);
		const file = await readFile(recordings.file(terminal.run), "utf8");
		expect(file).not.toContain("horse");
		expect(file).not.toContain("line two c");
		expect(terminal.outputText()).toBe("a ******** b\n******** correct h");
	});

	test("and the text for expressions show no secret that is printed in colours, and none that is written over", async () => {
		const terminal = await open({ secrets: ["correct horse"] });
		await runBash(
			terminal,
			"printf '\\033[1mcorrect\\033[0m hor'; sleep 0.1; printf '\\033[4mse\\033[0m b\\ncorrecX\\bt horse.'",
		);
		await terminal.finish(0);
		const file = await readFile(recordings.file(terminal.run), "utf8");
		expect(file).not.toContain("correct horse");
		const { events } = await recorded(terminal);
		const texts = events.map((event) => (event.kind === "output" ? Buffer.from(event.bytes).toString() : "")).join("");
		expect(texts).toMatch(/^\x1b\[1m\*{8}\x1b\[0m\x1b\[4m\x1b\[0m b\r\ncorrecX\x08t horse\.$/);
		expect(terminal.outputText()).toBe("******** b\n********.");
	});

	test("cuts no character, wherever the program's writes are cut", async () => {
		const terminal = await open();
		for (const byte of Buffer.from("ü漢🙂")) {
			void terminal.write(Uint8Array.of(byte));
			await new Promise((resolve) => setTimeout(resolve, 6));
		}
		await terminal.finish(0);
		const { events } = await recorded(terminal);
		const texts = events.map((event) => (event.kind === "output" ? Buffer.from(event.bytes).toString() : ""));
		expect(texts.join("")).toBe("ü漢🙂");
		expect(texts.join("|")).not.toContain("\ufffd");
	});

	test("that can't be written gives the run up once it is cancelled, and stays one that can be read", async () => {
		const controller = new AbortController();
		const terminal = await open({
			signal: controller.signal,
			limits: { grace: { interruptMs: 100, terminateMs: 100 } },
		});
		const running = runBash(terminal, "echo first; read; yes");
		await said(terminal, "first");
		recordings.failure = new Error("no space left on device");
		terminal.input(Buffer.from("\n"), "driver");
		while (terminal.held === null) {
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		controller.abort();
		await expect(running).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		await expect(terminal.write("x")).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		terminal.beginFinally(new AbortController().signal);
		// The fence must be sent also when its output can't be kept.
		await terminal.write("not kept");
		recordings.failure = null;
		const summary = await terminal.finish(1);
		expect(summary.truncated).toBe(true);
		const { outputBytes, complete } = await recorded(terminal);
		expect(complete).toBe(true);
		expect(outputBytes).toBe(summary.outputBytes);
	});

	test("that can't be sealed makes finishing fail, and says so", async () => {
		const terminal = await open();
		recordings.failure = new Error("input/output error");
		await expect(terminal.finish(0)).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		expect(terminal.log.finished).toBe(true);
	});
});

async function said(terminal: RunTerminalHandle, text: string): Promise<void> {
	while (!terminal.outputText().includes(text)) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

async function ofRun(run: string): Promise<number[]> {
	return (await linuxPlatform.processes()).filter((process) => process.run === run).map(({ pid }) => pid);
}
