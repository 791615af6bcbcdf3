import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { ProbeResult } from "../../core/lab.ts";
import { labFault, labHeal, labProbeCheck, labProbeStart, labProbeStop, labReset } from "../../lab/lab-client.ts";
import { openTestLab, type TestLab } from "../support/open-lab.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";
import { type RedisNode, redisNode } from "../support/redis-node.ts";
import { type Walk, walkRunbook } from "../support/walk-runbook.ts";

let lab: TestLab;
let bench: TestSessions;
let master: RedisNode;
let dirty = false;

beforeAll(async () => {
	// Patient Sentinels: on a busy machine the new master may be silent for a second, and is not to be replaced.
	lab = await openTestLab("orders", { downAfterMs: 2_000 });
	bench = await openTestSessions({ targets: [lab.target] });
	master = redisNode(lab, "cache-1");
});

beforeEach(async () => {
	if (dirty) await labReset(lab);
	dirty = true;
});

afterAll(async () => {
	await bench?.close();
	await lab?.down();
});

const walk = (edit?: (source: string) => string) =>
	walkRunbook(bench, "redis/master-down.md", { cluster: "orders" }, edit);

const kill = (node: string) => labFault({ ...lab, kind: "kill", node });
const says = (begun: Walk, step: string | null) => [step, begun.ends[step ?? ""]?.says];

/** What a step sent itself, its rechecks apart. */
const ownCommands = (begun: Walk, step: string) => begun.ends[step]?.commands.filter(({ phase }) => phase === "main");

/** What a person does on the old master's host: it starts as the master that it was. */
const mended = {
	answers: {
		"bring-it-back": { answer: "Out of memory: the kernel ended it." },
		"what-was-lost": { answer: 0, text: "Compared the orders of 10:01 to 10:03." },
	},
	before: { "fence-the-old-master": async () => soon(() => labHeal({ ...lab, node: "cache-1" })) },
};

/** While the group waits for it already, as a person presses the key and then starts the server. */
function soon(act: () => Promise<unknown>): void {
	setTimeout(() => void act(), 700);
}

/** The longest stretch without an acknowledged write, counted from the journal's own lines. */
async function longestGapMs({ journal }: ProbeResult): Promise<number> {
	const lines = (await readFile(journal ?? "", "utf8")).trim().split("\n");
	const acked = lines
		.map((line) => (JSON.parse(line) as { acked?: number }).acked)
		.filter((at) => at !== undefined)
		.sort((a, b) => a - b);
	return Math.max(...acked.slice(1).map((at, index) => at - (acked[index] ?? at)));
}

it("follows a promotion by Sentinel from start to finish, fences the old master that came back as a stray, and its figures agree with the probe's journal", async () => {
	const begun = await walk();
	await labProbeStart({ ...lab, kind: "client" });
	await labProbeStart({ ...lab, kind: "oracle" });
	await expect.poll(async () => (await labProbeCheck({ ...lab, kind: "client" })).acknowledged).toBeGreaterThan(100);
	await kill("orders.master");
	expect(says(begun, await begun.through({ to: "how-far-the-new-master-had-come" }))).toEqual([null, undefined]);
	expect(begun.value("lost")).toBe(master.address);
	expect(begun.ends["promote"]?.outcome).toBe("skipped");
	expect(begun.ends["promote"]?.says).toMatch(/^not needed, Sentinel has promoted cache-[23]$/);
	expect(ownCommands(begun, "promote")).toMatchObject([{ text: "SENTINEL FAILOVER orders", state: "not-sent" }]);
	expect(begun.ends["old-master-is-off"]).toMatchObject({
		outcome: "skipped",
		says: "not needed, Sentinel has promoted another one",
	});

	const lost = (await labProbeCheck({ ...lab, kind: "client" })).lost ?? Number.NaN;
	expect(lost).toBeGreaterThanOrEqual(0);
	const answers = { ...mended.answers, "what-was-lost": { answer: lost, text: "The count of the client." } };
	expect(says(begun, await begun.through({ ...mended, answers, from: "bring-it-back" }))).toEqual([null, undefined]);
	const client = await labProbeStop({ ...lab, kind: "client" });
	const oracle = await labProbeStop({ ...lab, kind: "oracle" });
	for (const [step, { outcome }] of Object.entries(begun.ends)) {
		const notNeeded = step === "promote" || step === "old-master-is-off";
		expect([step, outcome]).toEqual([step, notNeeded ? "skipped" : "succeeded"]);
	}

	// It came back as a master, was made a replica by the fence, and not ten seconds later by the Sentinels.
	expect(ownCommands(begun, "fence")?.map(({ text, state }) => [text, state])).toEqual([
		["MULTI", "done"],
		[`REPLICAOF ${begun.value("newHost")} ${begun.value("newPort")}`, "done"],
		["CLIENT KILL TYPE normal SKIPME yes", "done"],
		["EXEC", "done"],
	]);
	expect(await master.info("role")).toBe("slave");

	// Its own figures against what the probe wrote down.
	const own = (begun.value("masterAgainAtMs") as number) - (begun.value("silentSinceMs") as number);
	const fromJournal = await longestGapMs(oracle);
	expect(Math.abs(fromJournal - (oracle.rtoMs ?? 0))).toBeLessThan(2);
	// A replica knows to the second when it last heard from its master; the Sentinels know when they took the new one.
	const { from, to } = oracle.gap ?? {};
	expect(Math.abs((begun.value("silentSinceMs") as number) - Date.parse(from ?? ""))).toBeLessThan(1_800);
	expect(Math.abs((begun.value("masterAgainAtMs") as number) - Date.parse(to ?? ""))).toBeLessThan(2_500);
	expect(begun.value("withoutWrites")).toBe(`about ${(Math.floor((own + 50) / 100) / 10).toFixed(1)} s`);
	expect(begun.ends["what-was-lost"]?.result).toMatchObject({ answer: client.lost });
	console.info(
		`master down: own ${own} ms, journal ${Math.round(fromJournal)} ms, oracle ${oracle.rtoMs} ms, client ${client.rtoMs} ms; lost ${client.lost} of ${client.acknowledged}`,
	);
});

it("promotes by hand when there is no majority of the Sentinels, and fences the old master afterwards", async () => {
	for (const node of ["sentinel-2", "sentinel-3"]) await kill(node);
	const killedAt = Date.now();
	await kill("cache-1");
	// Nobody promotes, however late the responder comes; since when is known all the same. A Sentinel that is alone asks its
	// replicas every ten seconds, and refuses to promote what it asked more than five seconds ago.
	await delay(4_500);
	const begun = await walk();
	expect(says(begun, await begun.through({ to: "how-far-the-new-master-had-come" }))).toEqual([null, undefined]);
	expect(Math.abs((begun.value("silentSinceMs") as number) - killedAt)).toBeLessThan(1_800);
	expect(begun.value("byThemselves")).toBe(false);
	expect(begun.ends["old-master-is-off"]?.outcome).toBe("succeeded");
	expect(begun.ends["promote"]).toMatchObject({ outcome: "succeeded", result: "OK" });
	expect(begun.ends["writes-resume"]?.result).toBe("taken");
	const promoted = ["cache-2", "cache-3"].find((name) => redisNode(lab, name).address === begun.value("newAddress"));
	expect(await redisNode(lab, promoted ?? "").info("role")).toBe("master");

	for (const node of ["sentinel-2", "sentinel-3"]) await labHeal({ ...lab, node });
	expect(says(begun, await begun.through({ ...mended, from: "bring-it-back" }))).toEqual([null, undefined]);
	expect(await master.info("role")).toBe("slave");
	expect(await redisNode(lab, promoted ?? "").info("role")).toBe("master");
});

it("says that nothing is down when every node answers", async () => {
	const begun = await walk((source) => source.replace("timeout: 20s", "timeout: 500ms"));
	expect(says(begun, await begun.through())).toEqual([
		"a-node-is-lost",
		`Nothing is down: every data node of orders answers, and ${master.address} is master. Look at *Health of Redis replication and Sentinel*.`,
	]);
});

it("says that there is nothing to fence when the master came back before anybody replaced it", async () => {
	const begun = await walk();
	await kill("cache-1");
	expect(says(begun, await begun.through({ to: "a-node-is-lost" }))).toEqual([null, undefined]);
	await labHeal({ ...lab, node: "cache-1" });
	expect(await begun.through({ from: "new-master" })).toBe("new-master");
	expect(begun.ends["new-master"]?.says).toBe(
		`${master.address} is master again: it came back before anybody replaced it. Nothing was promoted, so nothing has to be fenced; look at *Health of Redis replication and Sentinel*.`,
	);
});

it("fails when no replica can be promoted, and says what each of them is", async () => {
	for (const node of ["cache-2", "cache-3", "cache-1"]) await kill(node);
	const begun = await walk();
	expect(await begun.through()).toBe("who-could-take-over");
	expect(begun.ends["who-could-take-over"]?.says).toMatch(
		/^No replica can be promoted: (127\.0\.0\.1:\d+ \(.*s_down.*, priority 100\)(, )?){2}\. Bring one back, or restore from the backup\.$/,
	);
	// Nor does a promotion by hand go out: it looks again first.
	expect(await begun.run("promote")).toBe("failed");
	expect(begun.ends["promote"]?.says).toContain("“Who could take over” does not hold now: No replica can be promoted");
	expect(ownCommands(begun, "promote")).toMatchObject([{ text: "SENTINEL FAILOVER orders", state: "not-sent" }]);
});
