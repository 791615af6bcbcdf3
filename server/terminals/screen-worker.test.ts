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
