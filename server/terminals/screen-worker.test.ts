import { once } from "node:events";
import { text } from "node:stream/consumers";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test("a huge count in the output holds up no screen", async () => {
	const worker = new Worker(new URL("./screen-worker.js", import.meta.url));
	const bytes = Buffer.from("X\x1b[2000000000b\x1b[999999999L\x1b[999999999S\x1b[Hwhat follows");
	worker.postMessage({ type: "feed", channel: 1, offset: 0, cols: 80, rows: 24, bytes });
	worker.postMessage({ type: "snapshot", channel: 1, id: 1 });
	const [answer] = (await once(worker, "message")) as [{ screen: Uint8Array }];
	await worker.terminate();
	expect(Buffer.from(answer.screen).toString()).toContain("what follows");
}, 60_000);

test("bytes that no terminal understands are shown as far as they go, and flood no log", async () => {
	const worker = new Worker(new URL("./screen-worker.js", import.meta.url), { stdout: true, stderr: true });
	const told = Promise.all([text(worker.stdout), text(worker.stderr)]);
	const bytes = Buffer.from("\x1b[38€1m\x1b[1😀mwhat follows\r\n".repeat(100));
	worker.postMessage({ type: "feed", channel: 1, offset: 0, cols: 80, rows: 24, bytes });
	worker.postMessage({ type: "snapshot", channel: 1, id: 1 });
	const [answer] = (await once(worker, "message")) as [{ screen: Uint8Array }];
	await worker.terminate();
	expect(Buffer.from(answer.screen).toString()).toContain("what follows");
	expect((await told).join("")).toBe("");
});

test("a screen that takes long holds up no other run's", async () => {
	const worker = new Worker(new URL("./screen-worker.js", import.meta.url));
	const scrolled = Buffer.from("\x1b[999S".repeat(4000));
	worker.postMessage({ type: "feed", channel: 1, offset: 0, cols: 400, rows: 400, bytes: scrolled });
	worker.postMessage({ type: "snapshot", channel: 1, id: 1 });
	worker.postMessage({ type: "feed", channel: 2, offset: 0, cols: 80, rows: 24, bytes: Buffer.from("another") });
	worker.postMessage({ type: "snapshot", channel: 2, id: 2 });
	const [first] = (await once(worker, "message")) as [{ id: number; screen: Uint8Array }];
	await worker.terminate();
	expect(first.id).toBe(2);
	expect(Buffer.from(first.screen).toString()).toContain("another");
}, 120_000);

test("a sequence that is never finished is taken for garbage, and what follows is shown", async () => {
	const worker = new Worker(new URL("./screen-worker.js", import.meta.url));
	const bytes = Buffer.concat([Buffer.from("\x1b]0;"), Buffer.alloc(100 * 1024, "x")]);
	worker.postMessage({ type: "feed", channel: 1, offset: 0, cols: 80, rows: 24, bytes });
	worker.postMessage({ type: "snapshot", channel: 1, id: 1 });
	const [answer] = (await once(worker, "message")) as [{ offset: number }];
	await worker.terminate();
	// Otherwise it would wait for the end of that sequence, with all that comes.
	expect(answer.offset).toBe(bytes.length);
});

test("a screen that more waits for than is kept is begun anew, and whoever asked for it hears so", async () => {
	const worker = new Worker(new URL("./screen-worker.js", import.meta.url));
	const slow = Buffer.alloc(1024 * 1024, "\x1b[999S");
	const feed = (index: number) =>
		worker.postMessage({ type: "feed", channel: 1, offset: index * slow.length, cols: 400, rows: 400, bytes: slow });
	feed(0);
	worker.postMessage({ type: "snapshot", channel: 1, id: 1 });
	for (let index = 1; index < 12; index++) feed(index);
	const [answer] = (await once(worker, "message")) as [{ id: number; error?: string }];
	await worker.terminate();
	expect(answer).toMatchObject({ id: 1, error: expect.stringContaining("begun anew") });
}, 60_000);

test("what waits for a screen, and the links on it, take bounded memory", async () => {
	const worker = new Worker(new URL("./screen-worker.js", import.meta.url), {
		resourceLimits: { maxOldGenerationSizeMb: 200 },
	});
	const failed = once(worker, "error").then(([error]) => {
		throw error;
	});
	const links = Buffer.from(Array.from({ length: 150_000 }, (_, i) => `\x1b]8;;http://x/${i}\x07a`).join(""));
	worker.postMessage({ type: "feed", channel: 1, offset: 0, cols: 120, rows: 30, bytes: links });
	const slow = Buffer.alloc(1024 * 1024, "\x1b[999S");
	for (let i = 0; i < 60; i++) {
		worker.postMessage({ type: "feed", channel: 2, offset: i * slow.length, cols: 120, rows: 30, bytes: slow });
	}
	worker.postMessage({ type: "snapshot", channel: 1, id: 1 });
	const [answer] = (await Promise.race([once(worker, "message"), failed])) as [{ id: number; error?: string }];
	await worker.terminate();
	expect(answer).toMatchObject({ id: 1 });
	expect(answer.error).toBe(undefined);
}, 120_000);
