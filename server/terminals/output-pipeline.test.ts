import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OutputPipeline } from "./output-pipeline.ts";

let recorded: string[];
let failing: boolean;
let pipeline: OutputPipeline;
/** Lets the write that is under way go on. */
let goOn: (() => void) | null;
let slow: boolean;

beforeEach(() => {
	recorded = [];
	failing = false;
	slow = false;
	goOn = null;
	pipeline = new OutputPipeline({
		monotonicMs: () => performance.now(),
		async record(pieces) {
			if (slow) {
				await new Promise<void>((resolve) => {
					goOn = resolve;
				});
			}
			if (failing) {
				throw new Error("no space left on device");
			}
			recorded.push(...pieces.map((piece) => Buffer.from(piece).toString("latin1")));
		},
	});
});
afterEach(() => vi.useRealTimers());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const mark = (name: string) => pipeline.mark(async () => void recorded.push(`<${name}>`));

test("a mark stands behind everything that came before it, also half a character", async () => {
	pipeline.push(Buffer.from("one\xc3", "latin1"));
	await wait(5);
	mark("resize");
	pipeline.push(Buffer.from("\xa9two", "latin1"));
	await pipeline.settle();
	expect(recorded).toEqual(["one", "\xc3", "<resize>", "\xa9two"]);
});

test("half a character waits for its other half, and goes as it is when that does not come", async () => {
	pipeline.push(Buffer.from("\xe6\xbc", "latin1"));
	await wait(10);
	pipeline.push(Buffer.from("\xa2\xe6", "latin1"));
	await pipeline.backlogBelow(0);
	expect(recorded).toEqual(["\xe6\xbc\xa2", "\xe6"]);
});

test("what comes while half a character waits does not wait with it", async () => {
	slow = true;
	pipeline.push(Buffer.from("a\xe6", "latin1"));
	await vi.waitFor(() => expect(goOn).not.toBeNull());
	pipeline.push(Buffer.from("b"));
	const begin = performance.now();
	slow = false;
	goOn!();
	await pipeline.backlogBelow(0);
	expect(performance.now() - begin).toBeLessThan(40);
	expect(recorded).toEqual(["a", "\xe6b"]);
});

test("a flood is cut into frames between characters, and nothing of it is lost", async () => {
	const flood = "漢🙂ü.".repeat(60_000);
	for (let at = 0, bytes = Buffer.from(flood); at < bytes.length; at += 4093) {
		pipeline.push(bytes.subarray(at, at + 4093));
	}
	await pipeline.settle();
	expect(Buffer.from(recorded.join(""), "latin1").toString()).toBe(flood);
	for (const piece of recorded) {
		expect(piece.length).toBeLessThanOrEqual(64 * 1024);
		expect(Buffer.from(piece, "latin1").toString()).not.toContain("\ufffd");
	}
	expect(recorded.length).toBeLessThan(20);
});

test("when recording fails what waits is given up, and whoever waits goes on", async () => {
	failing = true;
	pipeline.push(Buffer.from("lost \xe6", "latin1"));
	mark("told");
	await pipeline.settle();
	await pipeline.backlogBelow(0);
	expect(pipeline.backlog).toBe(0);
	expect(recorded).toEqual(["<told>"]);
	failing = false;
	pipeline.push(Buffer.from("kept"));
	await pipeline.settle();
	expect(pipeline.backlog).toBe(0);
	expect(recorded).toEqual(["<told>", "kept"]);
});

test("the first bytes go at once, what follows them closely is gathered, and an echo waits for nothing", async () => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
	vi.advanceTimersByTime(100);
	const soon = async () => {
		for (let i = 0; i < 20; i++) {
			await Promise.resolve();
		}
	};
	pipeline.push(Buffer.from("a"));
	await soon();
	pipeline.push(Buffer.from("b"));
	pipeline.push(Buffer.from("c"));
	await soon();
	expect(recorded).toEqual(["a"]);
	vi.advanceTimersByTime(4);
	await soon();
	expect(recorded).toEqual(["a", "bc"]);
	pipeline.expectEcho();
	pipeline.push(Buffer.from("d"));
	await soon();
	expect(recorded).toEqual(["a", "bc", "d"]);
});
