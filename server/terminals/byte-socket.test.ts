import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import headless from "@xterm/headless";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { problem } from "../../core/problem.ts";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import { createFileRecordings, type FileRecordings } from "../../test/support/file-recordings.ts";
import { openPlainTerminal, runBash } from "../../test/support/open-plain-terminal.ts";
import { type TerminalViewer, viewTerminal } from "../../test/support/terminal-viewer.ts";
import { type ByteSocket, createByteSocket } from "./byte-socket.ts";
import type { RunTerminalOptions } from "./open-run-terminal.ts";
import type { RunTerminalHandle } from "./run-terminal.ts";
import { createScreens, type Screens } from "./screens.ts";

let recordings: FileRecordings;
let screens: Screens;
let door: ByteSocket;
let server: Server;
let url: string;
const terminals = new Map<string, RunTerminalHandle>();
const viewers: TerminalViewer[] = [];
const typed: [string, number, string][] = [];
const refused: string[] = [];
let counter = 0;
/** Messages of input since it was set to 0. */
let inTurn = 0;

beforeAll(async () => {
	recordings = await createFileRecordings();
	screens = createScreens(() => performance.now());
	door = createByteSocket({
		terminal: (run) => terminals.get(run) ?? null,
		screens,
		monotonicMs: () => performance.now(),
		async authorise(request) {
			const who = request.headers["x-who"];
			if (who === undefined) {
				return problem("not-signed-in", "No cookie.");
			}
			return {
				id: String(who),
				mayWatch: () => true,
				mayInput: () => {
					inTurn++;
					return who === "driver";
				},
			};
		},
		onInput: (run, bytes, person) => typed.push([run, bytes, person.id]),
		onInputRefused: (run) => refused.push(run),
	});
	server = createServer();
	server.on("upgrade", (request, socket, head) => void door.upgrade(request, socket, head));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/terminal`;
});
beforeEach(() => {
	recordings.failure = null;
	typed.length = 0;
	refused.length = 0;
});
afterAll(async () => {
	for (const viewer of viewers) {
		viewer.close();
	}
	await door.close();
	await screens.close();
	server.close();
	await recordings.remove();
});

async function open(more: Partial<RunTerminalOptions> = {}): Promise<RunTerminalHandle> {
	const terminal = await openPlainTerminal({ run: `view-${process.pid}-${++counter}`, recordings, ...more });
	terminals.set(terminal.run, terminal);
	return terminal;
}

async function view(
	run: string,
	more: Partial<Parameters<typeof viewTerminal>[0]> & { who?: string } = {},
): Promise<TerminalViewer> {
	const viewer = await viewTerminal({ url, run, headers: { "x-who": more.who ?? "watcher" }, ...more });
	viewers.push(viewer);
	return viewer;
}

async function recorded(run: string): Promise<Buffer> {
	return Buffer.from(recordingBytes(decodeRecording(await readFile(recordings.file(run), "utf8")).events));
}

/** Bytes in buffers that something still holds. */
function held(): number {
	setFlagsFromString("--expose-gc");
	runInNewContext("gc")();
	return process.memoryUsage().arrayBuffers;
}

function screenOf(...parts: (string | Uint8Array)[]): Promise<string> {
	const terminal = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
	for (const part of parts) {
		terminal.write(part);
	}
	return new Promise((resolve) =>
		terminal.write("", () => {
			const buffer = terminal.buffer.active;
			const lines: string[] = [];
			for (let i = 0; i < 24; i++) {
				lines.push(buffer.getLine(buffer.baseY + i)?.translateToString(true) ?? "");
			}
			resolve(`${lines.join("\n")}\n${buffer.cursorX},${buffer.cursorY}`);
		}),
	);
}

test("twenty viewers get exactly the bytes that are recorded, and the end", async () => {
	const terminal = await open();
	const all = await Promise.all(Array.from({ length: 20 }, () => view(terminal.run)));
	await runBash(terminal, "seq 20000; printf '\\377\\200raw'; head -c 100000 /dev/urandom");
	const summary = await terminal.finish(0);
	const expected = await recorded(terminal.run);
	expect(expected.length).toBe(summary.outputBytes);
	for (const viewer of all) {
		expect(await viewer.ended).toBe(summary.outputBytes);
		expect(viewer.gaps).toEqual([]);
		expect(viewer.snapshots).toEqual([]);
		expect(viewer.bytes().equals(expected)).toBe(true);
	}
});

test("a viewer that reconnects with its offset goes on without a gap, also when the bytes have left the memory", async () => {
	const terminal = await open({ limits: { windowBytes: 64 * 1024 } });
	const first = await view(terminal.run);
	const running = runBash(terminal, "seq 1 60000; read; seq 60001 120000");
	await first.until(() => first.bytes().length > 300_000);
	const had = first.bytes();
	first.close();
	const again = await view(terminal.run, { offset: had.length });
	const fromStart = await view(terminal.run);
	const driver = await view(terminal.run, { who: "driver" });
	driver.send({ t: "input", run: terminal.run, data: "\n" });
	await running;
	await terminal.finish(0);
	await Promise.all([again.ended, fromStart.ended]);
	const expected = await recorded(terminal.run);
	expect(Buffer.concat([had, again.bytes()]).equals(expected)).toBe(true);
	expect(fromStart.bytes().equals(expected)).toBe(true);
	expect([...again.gaps, ...fromStart.gaps]).toEqual([]);
});

test("a viewer that comes late gets the screen as it is and goes on live", async () => {
	const terminal = await open();
	const running = runBash(terminal, "seq 500; printf '\\033[1;31mred \\033[5;10Hhere'; read; printf ' more'; seq 3");
	const early = await view(terminal.run);
	await early.until(() => early.bytes().includes("here"));
	const late = await view(terminal.run, { offset: null });
	await late.until(() => late.snapshots.length === 1);
	terminal.input(Buffer.from("\n"), "driver");
	await running;
	await terminal.finish(0);
	await late.ended;
	const expected = await recorded(terminal.run);
	expect(late.bytes().length).toBeLessThan(200);
	expect(await screenOf(late.snapshots[0]!.screen, late.bytes())).toBe(await screenOf(expected));
});

test("a snapshot is cut where nothing is: at any byte, screen and rest give the same picture", async () => {
	const terminal = await open();
	const nasty = Buffer.from(
		"\x1b[2J\x1b[Hplain ünïcödé 漢字 🙂\r\n\x1b[38;2;10;200;30mcolour\x1b[0m\x1b]0;a title\x07\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\" +
			"\x1b[10;70Hat the edge: 0123456789\x1bP$qm\x1b\\\x1b(0lqk\x1b(B\x1b[?25l\x1b[3;5r\x1b[3;1Ha\r\nb\r\nc\r\nd\x1b[r\x1b[20;1Hend" +
			"\x1b)0\x0eqq\x0f\x1b[21;70H漢漢漢漢漢漢wrapped\x1b[?1049hother\x1b[2;4r\x1b[?6h\x1b[3;1Hlast\x1b[?6l\x1b[?1049l back",
	);
	const whole = await screenOf(nasty);
	for (let i = 0; i < nasty.length; i++) {
		await terminal.write(nasty.subarray(i, i + 1));
		const { offset, screen } = await screens.snapshot(terminal.log);
		expect(offset).toBeLessThanOrEqual(i + 1);
		expect(await screenOf(screen, nasty.subarray(offset)), `cut at ${i + 1}`).toBe(whole);
	}
	await terminal.finish();
}, 90_000);

test("a stalled viewer costs bounded memory, the job goes on, and it comes back with the screen", async () => {
	const terminal = await open({ limits: { windowBytes: 256 * 1024 } });
	const stalled = await view(terminal.run, { reads: false, credit: Number.MAX_SAFE_INTEGER });
	await stalled.until(() => stalled.messages.length > 0);
	(stalled.socket as unknown as { _socket: { pause(): void; resume(): void } })._socket.pause();
	const before = held();
	await runBash(
		terminal,
		"yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 30000000",
	);
	// The collector frees buffers in a thread of its own.
	await expect.poll(() => held() - before, { timeout: 20_000 }).toBeLessThan(4 * 1024 * 1024);
	await runBash(terminal, "clear; printf 'the end'");
	await terminal.finish(0);
	(stalled.socket as unknown as { _socket: { resume(): void } })._socket.resume();
	await stalled.ended;
	expect(stalled.snapshots.length).toBeGreaterThan(0);
	expect(stalled.bytes().length).toBeLessThan(20_000_000);
	const last = stalled.snapshots.at(-1)!;
	const total = await recorded(terminal.run);
	expect(await screenOf(last.screen, total.subarray(last.offset))).toContain("the end");
});

test("a viewer without credit gets no more than a frame beyond it", async () => {
	const terminal = await open();
	const viewer = await view(terminal.run, { reads: false, credit: 1000 });
	await runBash(terminal, "seq 100000");
	await terminal.finish(0);
	await new Promise((resolve) => setTimeout(resolve, 200));
	expect(viewer.bytes().length).toBeLessThanOrEqual(1000 + 64 * 1024);
	viewer.send({ t: "credit", run: terminal.run, offset: Number.MAX_SAFE_INTEGER });
	await viewer.ended;
	expect(viewer.bytes().equals(await recorded(terminal.run))).toBe(true);
});

test("recorder first: while the recording can't be written no viewer sees a byte and the job waits; then all goes on", async () => {
	const problems: (string | null)[] = [];
	const terminal = await open({ onHeld: (held) => problems.push(held?.code ?? null) });
	const viewer = await view(terminal.run);
	const written = `${recordings.file(terminal.run)}.written`;
	const running = runBash(terminal, `echo first; read; seq 200000; touch ${written}; echo done >&2; printf end`);
	await viewer.until(() => viewer.bytes().includes("first"));
	recordings.failure = new Error("no space left on device");
	terminal.input(Buffer.from("\n"), "driver");
	while (terminal.held === null) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	await new Promise((resolve) => setTimeout(resolve, 600));
	const seen = viewer.bytes().length;
	expect(seen).toBe(terminal.log.end);
	expect(seen).toBeLessThan(20);
	expect(existsSync(written)).toBe(false);
	expect(terminal.held?.code).toBe("record-unwritable");
	recordings.failure = null;
	expect((await running).exitCode).toBe(0);
	expect(existsSync(written)).toBe(true);
	const summary = await terminal.finish(0);
	await viewer.ended;
	expect(problems.at(-1)).toBe(null);
	const expected = await recorded(terminal.run);
	expect(expected.length).toBe(summary.outputBytes);
	expect(viewer.bytes().equals(expected)).toBe(true);
	expect(expected.toString()).toMatch(/199999\r\n200000\r\ndone\r\nend$/);
});

test("the driver types and resizes; a watcher's keys, answers and sizes reach nothing", async () => {
	const terminal = await open();
	const driver = await view(terminal.run, { who: "driver" });
	const watcher = await view(terminal.run);
	const { run } = terminal;
	const running = runBash(terminal, "read a; echo got $a; read b; stty size; echo got $b");
	watcher.send({ t: "input", run, data: "watcher\n" });
	watcher.send({ t: "input", run, data: "\x1b[?1;2c" });
	watcher.send({ t: "resize", run, cols: 33, rows: 11 });
	await new Promise((resolve) => setTimeout(resolve, 100));
	driver.send({ t: "input", run, data: "driver\n" });
	await driver.until(() => driver.bytes().includes("got driver"));
	driver.send({ t: "resize", run, cols: 100, rows: 40 });
	await watcher.until(() => watcher.messages.some((message) => message.t === "resized"));
	driver.send({ t: "input", run, data: "again\n" });
	await running;
	await terminal.finish(0);
	await watcher.ended;
	expect(watcher.bytes().toString()).toContain("40 100");
	expect(watcher.bytes().toString()).not.toContain("watcher");
	expect(refused).toEqual([run]);
	expect(typed).toEqual([
		[run, 7, "driver"],
		[run, 6, "driver"],
	]);
	const { events } = decodeRecording(await readFile(recordings.file(run), "utf8"));
	expect(events.filter((event) => event.kind === "input").reduce((sum, event) => sum + event.bytes, 0)).toBe(13);
	const sizes = events.filter((event) => event.kind === "resize").map(({ cols, rows }) => `${cols}x${rows}`);
	expect(sizes).toEqual(["100x40"]);
});

test("a question of the program is answered once, whatever else answers again", async () => {
	const terminal = await open();
	const { run } = terminal;
	const driver = await view(run, { who: "driver" });
	const running = runBash(
		terminal,
		"stty raw -echo; printf '\\033[6n'; IFS= read -r -t 0.5 -n 100 got; printf '%q' \"$got\"",
	);
	await driver.until(() => driver.bytes().includes("\x1b[6n"));
	const reloaded = await view(run, { who: "driver" });
	for (const tab of [driver, reloaded]) {
		tab.send({ t: "input", run, data: "\x1b[1;1R" });
		tab.send({ t: "input", run, data: "\x1b[?1;2c" });
	}
	await running;
	await terminal.finish(0);
	await driver.ended;
	expect(driver.bytes().toString().split("1;1R").length - 1).toBe(1);
	expect(driver.bytes().toString()).not.toContain("1;2c");
});

test("who is not let in gets the problem and no socket", async () => {
	const socket = new WebSocket(url);
	const status = await new Promise((resolve) => {
		socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
		socket.on("error", () => {});
	});
	expect(status).toBe(401);
});

test("a message that is none is answered with a problem, and a run that is not there too", async () => {
	const viewer = await view("no-such-run");
	viewer.socket.send("{}");
	await viewer.until(() => viewer.messages.length === 2);
	expect(viewer.messages.map((message) => message.t === "problem" && message.problem.code)).toEqual([
		"run-not-active",
		"bad-request",
	]);
});

test("one browser follows a bounded number of runs, and another when it has let go of one", async () => {
	const terminal = await open();
	const most = 256;
	for (let i = 0; i <= most; i++) {
		terminals.set(`many-${i}`, terminal);
	}
	const viewer = await view("many-0");
	for (let i = 1; i <= most; i++) {
		viewer.send({ t: "open", run: `many-${i}`, offset: 0, credit: 0 });
	}
	await viewer.until(() => viewer.messages.length > most);
	expect(viewer.messages.filter(({ t }) => t === "opened")).toHaveLength(most);
	expect(viewer.messages.at(-1)).toMatchObject({ run: `many-${most}`, problem: { code: "too-many-requests" } });
	viewer.send({ t: "close", run: "many-7" });
	viewer.send({ t: "open", run: `many-${most}`, offset: 0, credit: 0 });
	await viewer.until(() => viewer.messages.length > most + 1);
	expect(viewer.messages.at(-1)).toMatchObject({ t: "opened", run: `many-${most}` });
	await terminal.finish(0);
});

test("who floods the socket with what is answered, and reads nothing, is cut", async () => {
	const viewer = await view("no-such-run", { who: "flooder" });
	const closed = new Promise((resolve) => viewer.socket.on("close", resolve));
	(viewer.socket as unknown as { _socket: { pause(): void } })._socket.pause();
	const before = door.connections;
	for (let i = 0; i < 2000; i++) {
		viewer.socket.send("{}");
	}
	await expect.poll(() => door.connections, { timeout: 20_000 }).toBeLessThan(before);
	(viewer.socket as unknown as { _socket: { resume(): void } })._socket.resume();
	await closed;
	expect(viewer.messages.length).toBeLessThan(1000);
});

test("many messages of one browser hold up nobody's turn", async () => {
	const viewer = await view("no-such-run", { who: "flooder" });
	const input = JSON.stringify({ t: "input", run: "no-such-run", data: "\x1b[1;1R" });
	let most = 0;
	let all = 0;
	inTurn = 0;
	let isOver = false;
	const look = () => {
		most = Math.max(most, inTurn);
		all += inTurn;
		inTurn = 0;
		if (!isOver) {
			setImmediate(look);
		}
	};
	for (let i = 0; i < 30_000; i++) {
		viewer.socket.send(input);
	}
	setImmediate(look);
	await expect.poll(() => all, { timeout: 60_000 }).toBe(30_000);
	isOver = true;
	// What one reading of the socket gives is handled in one go.
	expect(most).toBeLessThan(4000);
});

test("one person has a bounded number of sockets, and another still comes in", async () => {
	const connect = (who: string) =>
		new Promise<number>((resolve) => {
			const socket = new WebSocket(url, { headers: { "x-who": who } });
			extra.push(socket);
			socket.on("open", () => resolve(101));
			socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
			socket.on("error", () => {});
		});
	const extra: WebSocket[] = [];
	const answers: number[] = [];
	for (let i = 0; i < 130; i++) {
		answers.push(await connect("greedy"));
	}
	expect(answers.filter((status) => status === 101)).toHaveLength(128);
	expect(answers.slice(128)).toEqual([429, 429]);
	expect(await connect("somebody else")).toBe(101);
	extra[0]?.terminate();
	await expect.poll(() => connect("greedy")).toBe(101);
	for (const socket of extra) {
		socket.terminate();
	}
});
