import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openTestSessions } from "../support/open-test-sessions.ts";

it("a stop kills what has not ended in its time, and says that the record ends without it", async () => {
	const folder = await mkdtemp(join(tmpdir(), "runledger-stop-"));
	const bench = await openTestSessions({ stopWithinMs: 2_000 });
	const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => "");
	try {
		const last = `trap '' INT TERM; echo $$ > ${folder}/pid; while true; do sleep 0.1; done`;
		const attributes = JSON.stringify({ name: "long", risk: "read", finally: last });
		const session = await bench.open(`\`\`\`sh ${attributes}\necho begun > ${folder}/begun; sleep 300\n\`\`\`\n`);
		const { plan, confirmation } = await bench.sessions.plan(session, "long");
		await bench.sessions.request(session, { unit: "long", planDigest: plan.digest, confirmation }, bench.alice);
		await expect.poll(() => read("begun"), { timeout: 30_000 }).toBe("begun\n");
		const other = await bench.open(`\`\`\`sh {"name":"other","risk":"read"}\ntrue\n\`\`\`\n`);
		expect(await bench.sessions.stop()).toMatchObject({
			code: "record-unwritable",
			detail: "what still ran was killed",
		});
		// Nothing is even asked for any more.
		await expect(bench.run(other, "other")).rejects.toMatchObject({ problem: { code: "cancelled" } });
		const pid = Number(await read("pid"));
		expect(pid).toBeGreaterThan(0);
		expect(() => process.kill(pid, 0)).toThrow("ESRCH");
	} finally {
		await bench.close();
		await rm(folder, { recursive: true });
	}
}, 60_000);
