import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { labFault, labReset } from "../../lab/lab-client.ts";
import { replyFields } from "../../targets/redis/redis-reply.ts";
import { openTestLab, type TestLab } from "../support/open-lab.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";
import { type RedisNode, redisNode } from "../support/redis-node.ts";
import { type Walk, walkRunbook } from "../support/walk-runbook.ts";

let lab: TestLab;
let bench: TestSessions;
let master: RedisNode;
let replica: RedisNode;
/** What the next test must not find: mended by hand where that is faster than a reset. */
let mend: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
	lab = await openTestLab();
	bench = await openTestSessions({ targets: [lab.target] });
	master = redisNode(lab, "cache-1");
	replica = redisNode(lab, "cache-2");
});

afterEach(async () => {
	for (const undo of mend.reverse()) await undo();
	// A Sentinel's word on a link that was down may be older than its mending, and the next walk goes by it.
	if (mend.length > 0) for (const sentinel of sentinels) await seesAllWell(sentinel);
	mend = [];
}, 30_000);

afterAll(async () => {
	await bench?.close();
	await lab?.down();
});

const walk = (values: Record<string, string> = {}) =>
	walkRunbook(bench, "redis/health.md", { cluster: "orders", ...values });

const fault = async (kind: "kill" | "freeze", ...nodes: string[]) => {
	for (const node of nodes) await labFault({ ...lab, kind, node });
};

/** Walks on until it fails; gives the step and its sentence. */
async function failure(begun: Walk, from?: string): Promise<[step: string | null, says: string]> {
	const step = await begun.through(from === undefined ? {} : { from });
	return [step, begun.ends[step ?? ""]?.says ?? ""];
}

const resetAfterwards = () => mend.push(() => labReset(lab));

const sentinels = ["sentinel-1", "sentinel-2", "sentinel-3"];

async function replicasAsSeenBy(sentinel: string): Promise<Record<string, string>[]> {
	const reply = await redisNode(lab, sentinel).call("SENTINEL", "REPLICAS", "orders");
	return reply.kind === "array" ? reply.items.map((item) => replyFields(item) as Record<string, string>) : [];
}

async function seesAllWell(sentinel: string): Promise<void> {
	const seen = async () =>
		(await replicasAsSeenBy(sentinel)).map((fields) => `${fields["flags"]} ${fields["master-link-status"]}`);
	await expect.poll(seen, { timeout: 25_000, interval: 100 }).toEqual(["slave ok", "slave ok"]);
}

/** Until every Sentinel has flagged a node: the runbook asks the first by address, whichever that is. */
async function flagged(node: RedisNode, flag: RegExp): Promise<void> {
	for (const sentinel of sentinels) {
		const flags = async () =>
			(await replicasAsSeenBy(sentinel)).find((fields) => fields["name"] === node.address)?.["flags"];
		await expect.poll(flags, { timeout: 6_000, interval: 50 }).toMatch(flag);
	}
}

it("finds a fresh set well, from start to finish, and each step has checked something", async () => {
	const begun = await walk();
	expect(await begun.through()).toBeNull();
	expect(Object.entries(begun.ends).map(([step, { outcome, run }]) => [step, outcome, run.checked])).toEqual(
		[
			"sentinels-agree",
			"sentinel-quorum",
			"master-as-sentinel-sees-it",
			"replicas-as-sentinel-sees-them",
			"replication",
			"persistence",
			"memory",
		].map((step) => [step, "succeeded", true]),
	);
});

it("fails when memory runs out, with what is used of what", async () => {
	const used = Number(await master.info("used_memory"));
	await master.call("CONFIG", "SET", "maxmemory", String(Math.round(used * 1.05)));
	mend.push(() => master.call("CONFIG", "SET", "maxmemory", "0"));
	const [step, says] = await failure(await walk());
	expect(step).toBe("memory");
	expect(says).toMatch(/^[\d.]+M of [\d.]+M are used, more than 90 %\. .*: noeviction\.$/);
});

it("fails when a replica is frozen, silent for longer than allowed, or too far behind, with which one and by how much", async () => {
	const [patient, strict] = [await walk(), await walk({ max_lag_bytes: "100000", max_lag_seconds: "1" })];
	for (const begun of [patient, strict])
		expect(await begun.through({ to: "replicas-as-sentinel-sees-them" })).toBeNull();
	await fault("freeze", "cache-2");
	resetAfterwards();
	expect(await failure(patient, "replication")).toEqual(["replication", "A replica is not well: cache-2 (no answer)."]);
	const [, silent] = await failure(strict, "replication");
	expect(silent).toMatch(
		new RegExp(`^A replica is silent: ${replica.address} for \\d s, and at most 1 s are allowed\\.$`),
	);
	await master.call("SET", "large", "x".repeat(300_000));
	const [step, behind] = await failure(strict, "replication");
	expect(step).toBe("replication");
	const bytes = new RegExp(
		`^A replica is too far behind: ${replica.address} by (\\d+) bytes, and at most 100000 are`,
	).exec(behind)?.[1];
	expect(Number(bytes)).toBeGreaterThan(300_000);
	// By now a Sentinel has found it too.
	await flagged(replica, /s_down/);
	const [earlier, flags] = await failure(await walk(), "replicas-as-sentinel-sees-them");
	expect(earlier).toBe("replicas-as-sentinel-sees-them");
	expect(flags).toMatch(
		new RegExp(`^A replica is not well: ${replica.address} \\(s_down,slave(,disconnected)?\\)\\.$`),
	);
	// Each look at a set with a frozen node takes its patience.
}, 60_000);

it("fails when a replica is up and its link to the master is down", async () => {
	const begun = await walk();
	expect(await begun.through({ to: "replicas-as-sentinel-sees-them" })).toBeNull();
	// It can't log in to its master any more.
	await replica.call("CONFIG", "SET", "masterauth", "wrong");
	await replica.call("CLIENT", "KILL", "TYPE", "master");
	mend.push(async () => {
		await replica.call("CONFIG", "SET", "masterauth", "");
		await expect.poll(() => master.info("connected_slaves"), { timeout: 5_000 }).toBe("2");
	});
	await expect.poll(() => replica.info("master_link_status")).toBe("down");
	expect(await failure(begun, "replication")).toEqual(["replication", "1 of 2 replicas are connected to the master."]);
});

it("fails when the last snapshot of the master failed, and when its append-only file could not be rewritten", async () => {
	resetAfterwards();
	// A folder stands where the file has to go: what a full or broken disk does, also to root.
	const folder = join(lab.home, "orders", "nodes", "cache-1");
	const aof = (await readdir(join(folder, "appendonlydir"))).find((name) => /\.base\./.test(name)) ?? "";
	const next = aof.replace(/\.(\d+)\.base/, (_, n) => `.${Number(n) + 1}.base`);
	await mkdir(join(folder, "appendonlydir", next, "x"), { recursive: true });
	await master.call("BGREWRITEAOF");
	await expect.poll(() => master.info("aof_last_bgrewrite_status"), { timeout: 5_000 }).toBe("err");
	const begun = await walk();
	expect(await failure(begun)).toEqual([
		"persistence",
		"The append-only file could not be written or rewritten: the last write is ok, the last rewrite err. Look at the master's log, and at the room on its disk.",
	]);
	await mkdir(join(folder, "dump.rdb", "x"), { recursive: true });
	await master.call("BGSAVE");
	await expect.poll(() => master.info("rdb_last_bgsave_status"), { timeout: 5_000 }).toBe("err");
	const [step, says] = await failure(begun, "persistence");
	expect(step).toBe("persistence");
	expect(says).toContain("The master's last snapshot failed (rdb_last_bgsave_status is err).");
});

it("fails when Sentinels do not agree who is master, and names who says what", async () => {
	resetAfterwards();
	const odd = redisNode(lab, "sentinel-3");
	await odd.call("SENTINEL", "REMOVE", "orders");
	expect(await failure(await walk())).toEqual([
		"sentinels-agree",
		`Not every Sentinel names ${master.address}: sentinel-3 does not watch orders.`,
	]);
	await odd.call("SENTINEL", "MONITOR", "orders", "127.0.0.1", String(replica.port), "2");
	const [step, says] = await failure(await walk());
	expect(step).toBe("sentinels-agree");
	expect(says).toContain("The observers do not agree who is master: ");
	expect(says).toContain(`sentinel-1 says cache-1 (${master.address})`);
	expect(says).toContain(`sentinel-3 says cache-2 (${replica.address})`);
});

it("fails when a second node calls itself master", async () => {
	resetAfterwards();
	await replica.call("REPLICAOF", "NO", "ONE");
	expect(await failure(await walk())).toEqual([
		"sentinels-agree",
		`Beside ${master.address}, ${replica.address} calls itself master too. Clients that are still connected to it lose what they write.`,
	]);
});

it("fails when one Sentinel more must not be lost, and when the quorum is", async () => {
	resetAfterwards();
	await fault("kill", "sentinel-2");
	expect(await failure(await walk())).toEqual([
		"sentinel-quorum",
		"2 of 3 Sentinels answer, with a quorum of 2: one more lost, and nothing fails over by itself. Not well: sentinel-2 (connection refused).",
	]);
	await fault("kill", "sentinel-3");
	await expect
		.poll(
			async () => {
				const said = await redisNode(lab, "sentinel-1")
					.call("SENTINEL", "CKQUORUM", "orders")
					.catch((error: Error) => error);
				return said instanceof Error ? said.message : "";
			},
			{ timeout: 5_000 },
		)
		.toContain("NOQUORUM");
	const [step, says] = await failure(await walk());
	expect(step).toBe("sentinel-quorum");
	expect(says).toMatch(
		/^The Sentinels can't authorise a failover\. sentinel-1 refused `SENTINEL CKQUORUM orders`: NOQUORUM/,
	);
});

it("fails when a replica is down, and when the master is", async () => {
	await fault("kill", "cache-2");
	await flagged(replica, /s_down/);
	const [step, says] = await failure(await walk());
	expect(step).toBe("replicas-as-sentinel-sees-them");
	expect(says).toMatch(new RegExp(`^A replica is not well: ${replica.address} \\(.*s_down.*\\)\\.$`));
	await fault("kill", "cache-1");
	expect(await failure(await walk())).toEqual([
		"sentinels-agree",
		"No master answers. Follow *The Redis master is down*.",
	]);
});
