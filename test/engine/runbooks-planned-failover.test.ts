import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { labFault, labProbeStart, labProbeStop, labReset } from "../../lab/lab-client.ts";
import { replyFields, replyTexts } from "../../targets/redis/redis-reply.ts";
import { openTestLab, type TestLab } from "../support/open-lab.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";
import { type RedisNode, redisNode } from "../support/redis-node.ts";
import { type Walk, walkRunbook } from "../support/walk-runbook.ts";

let lab: TestLab;
let bench: TestSessions;
let master: RedisNode;
let replicas: RedisNode[];
let dirty = false;

beforeAll(async () => {
	lab = await openTestLab();
	bench = await openTestSessions({ targets: [lab.target] });
	master = redisNode(lab, "cache-1");
	replicas = [redisNode(lab, "cache-2"), redisNode(lab, "cache-3")];
});

beforeEach(async () => {
	if (dirty) await labReset(lab);
	dirty = true;
});

afterAll(async () => {
	await bench?.close();
	await lab?.down();
});

const answers = { "tell-the-application-team": { text: "Told Mina of the shop at 10:02; she agrees." } };
const before = [
	"who-is-master",
	"replicas-in-sync",
	"enough-replicas",
	"sentinel-quorum",
	"no-failover-running",
	"tell-the-application-team",
];
const group = ["hold-writes", "caught-up", "fail-over", "new-master", "fence", "release"];
const after = ["sentinels-agree", "writes-resume", "old-master-is-a-replica", "nothing-acknowledged-lost"];

const walk = (edit?: (source: string) => string) =>
	walkRunbook(bench, "redis/planned-failover.md", { cluster: "orders", reason: "kernel patch" }, edit);

const says = (begun: Walk, step: string | null) => [step, begun.ends[step ?? ""]?.says];
const outcomes = (begun: Walk, steps: string[]) => steps.map((step) => begun.ends[step]?.outcome);
const sentinelNames = async () =>
	replyTexts(await redisNode(lab, "sentinel-1").call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "orders")).join(":");

/** Whether the master takes a write at once: a held one would wait. */
const takesWrites = async () => {
	const started = performance.now();
	await master.call("SET", "held", "no");
	return performance.now() - started < 1_000;
};

it("moves the master from start to finish, and a client that stays connected loses nothing", async () => {
	const begun = await walk();
	await labProbeStart({ ...lab, kind: "client", perSecond: 1_000, followsSentinel: false });
	expect(says(begun, await begun.through({ answers }))).toEqual([null, undefined]);
	const probe = await labProbeStop({ ...lab, kind: "client" });
	expect(outcomes(begun, [...before, ...group, ...after])).toEqual(
		[...before, ...group, ...after].map(() => "succeeded"),
	);
	expect(probe.lost).toBe(0);
	expect(probe.acknowledged).toBeGreaterThan(300);
	expect(probe.rtoMs).toBeLessThan(8_000);
	expect(await sentinelNames()).not.toBe(master.address);
	expect(`${begun.value("newHost")}:${begun.value("newPort")}`).toBe(await sentinelNames());
	expect(begun.value("heldMs")).toBeLessThan(20_000);
	expect(await master.info("role")).toBe("slave");
	// What changes says what was before and after; the hold was released by the group, not by its net.
	for (const step of ["hold-writes", "fence"]) {
		const run = begun.ends[step]?.run;
		expect(run?.topologyBefore?.content).toContain(master.address);
		expect(run?.topologyAfter?.content).not.toBe(run?.topologyBefore?.content);
	}
	console.info(`planned failover: ${probe.acknowledged} acknowledged, ${probe.lost} lost, RTO ${probe.rtoMs} ms`);
});

it("does not begin when a replica is frozen or lagging, not even when that happens after it was checked", async () => {
	const begun = await walk();
	expect(says(begun, await begun.through({ to: "tell-the-application-team", answers }))).toEqual([null, undefined]);
	await labFault({ ...lab, kind: "freeze", node: "cache-2" });
	// The group looks again: nothing of it is sent.
	expect(await begun.run("failover")).toBe("failed");
	expect(begun.ends["hold-writes"]?.problem?.code).toBe("recheck-failed");
	expect(begun.ends["hold-writes"]?.says).toBe(
		"“Replicas in sync” does not hold now: A replica is not well: cache-2 (no answer).",
	);
	const sent = begun.ends["hold-writes"]?.commands.filter(({ phase }) => phase === "main");
	expect(sent).toMatchObject([{ text: "CLIENT PAUSE 20000 WRITE", state: "not-sent" }]);
	expect(outcomes(begun, group.slice(1))).toEqual(group.slice(1).map(() => "rejected"));
	expect(await takesWrites()).toBe(true);

	for (let n = 0; n < 4; n++) await master.call("SET", `large-${n}`, "x".repeat(300_000));
	const step = await begun.through({ from: "replicas-in-sync" });
	expect(step).toBe("replicas-in-sync");
	expect(begun.ends[step ?? ""]?.says).toMatch(
		new RegExp(
			`^A replica is too far behind: ${replicas[0]?.address} by 1[2-9]\\d{5} bytes, and at most 1 MiB is allowed\\.`,
		),
	);
	expect(await sentinelNames()).toBe(master.address);
});

it("does not begin without a majority of the Sentinels", async () => {
	for (const node of ["sentinel-2", "sentinel-3"]) await labFault({ ...lab, kind: "kill", node });
	await expect
		.poll(
			() =>
				redisNode(lab, "sentinel-1")
					.call("SENTINEL", "CKQUORUM", "orders")
					.then(
						() => "OK",
						(error: Error) => error.message,
					),
			{ timeout: 5_000 },
		)
		.toContain("NOQUORUM");
	const begun = await walk();
	const step = await begun.through();
	expect(step).toBe("sentinel-quorum");
	expect(begun.ends[step ?? ""]?.says).toMatch(
		/^The Sentinels can't authorise a failover now\. sentinel-1 refused `SENTINEL CKQUORUM orders`: NOQUORUM/,
	);
});

it("does not begin when no master answers, and says which runbook to follow", async () => {
	await labFault({ ...lab, kind: "kill", node: "cache-1" });
	const begun = await walk();
	expect(says(begun, await begun.through())).toEqual([
		"who-is-master",
		"No master answers, so there is nothing to plan: follow *The Redis master is down*.",
	]);
});

it("does not begin when no replica may be promoted, or when the master wants more replicas than there are", async () => {
	for (const node of replicas) await node.call("CONFIG", "SET", "replica-priority", "0");
	const begun = await walk();
	expect(says(begun, await begun.through())).toEqual([
		"replicas-in-sync",
		"Every replica has priority 0, so Sentinel may promote none. Give one of them another `replica-priority`.",
	]);
	for (const node of replicas) await node.call("CONFIG", "SET", "replica-priority", "100");
	await master.call("CONFIG", "SET", "min-replicas-to-write", "3");
	expect(says(begun, await begun.through())).toEqual([
		"enough-replicas",
		"The master takes writes only with 3 good replicas, and has 2: it refuses writes now, and the next one would too.",
	]);
});

it("releases the hold at once when the Sentinel begins no failover, and nothing has moved", async () => {
	// The Sentinels learn of the priorities by INFO, every ten seconds unless told; they are put back behind their backs.
	const sentinels = ["sentinel-1", "sentinel-2", "sentinel-3"].map((name) => redisNode(lab, name));
	for (const sentinel of sentinels) await sentinel.call("SENTINEL", "DEBUG", "INFO-PERIOD", "100");
	for (const node of replicas) await node.call("CONFIG", "SET", "replica-priority", "0");
	const priorities = async () => {
		const told = await Promise.all(sentinels.map((sentinel) => sentinel.call("SENTINEL", "REPLICAS", "orders")));
		return told.flatMap((reply) =>
			reply.kind === "array" ? reply.items.map((item) => replyFields(item)["slave-priority"]) : [],
		);
	};
	await expect.poll(priorities, { timeout: 12_000 }).toEqual(Array(6).fill("0"));
	for (const sentinel of sentinels) await sentinel.call("SENTINEL", "DEBUG", "INFO-PERIOD", "60000");
	for (const node of replicas) await node.call("CONFIG", "SET", "replica-priority", "100");

	const begun = await walk();
	expect(await begun.through({ answers })).toBe("fail-over");
	expect(begun.ends["fail-over"]?.says).toMatch(
		/^The Sentinel began no failover\. Nothing has moved, and the hold is released\. sentinel-\d refused `SENTINEL FAILOVER orders`: NOGOODSLAVE/,
	);
	expect(begun.ends["hold-writes"]?.commands.filter(({ phase }) => phase === "finally")).toMatchObject([
		{ text: "CLIENT UNPAUSE", state: "done" },
	]);
	expect(outcomes(begun, ["new-master", "fence", "release"])).toEqual(["rejected", "rejected", "rejected"]);
	expect(await takesWrites()).toBe(true);
	expect(await sentinelNames()).toBe(master.address);
});

it("waits with its last word until a master that wants replicas for each write takes writes again", async () => {
	for (const node of [master, ...replicas]) {
		await node.call("CONFIG", "SET", "min-replicas-to-write", "2");
		await node.call("CONFIG", "SET", "min-replicas-max-lag", "2");
	}
	const begun = await walk((source) => source.replace(/(writes-resume:[\s\S]*?timeout: )60s/, "$11s"));
	await expect.poll(() => master.info("min_slaves_good_slaves")).toBe("2");
	expect(says(begun, await begun.through({ answers, to: "sentinels-agree" }))).toEqual([null, undefined]);
	const promoted = replicas.find((node) => node.port === Number(begun.value("newPort")));
	const other = replicas.find((node) => node !== promoted);
	// The third node can't log in to its new master.
	await other?.call("CONFIG", "SET", "masterauth", "wrong");
	await other?.call("CLIENT", "KILL", "TYPE", "master");
	await expect.poll(() => promoted?.info("min_slaves_good_slaves")).toBe("1");
	expect(says(begun, await begun.through({ from: "writes-resume" }))).toEqual([
		"writes-resume",
		"The new master does not take writes yet: its role is master, replicas connected: 1, wanted for a write: 2.",
	]);
	await other?.call("CONFIG", "SET", "masterauth", "");
	await expect.poll(() => promoted?.info("min_slaves_good_slaves"), { timeout: 6_000 }).toBe("2");
	expect(says(begun, await begun.through({ from: "writes-resume" }))).toEqual([null, undefined]);
	await promoted?.call("SET", "taken", "yes");
});

it("says that lossless is not proven when the hold ran out before the old master was fenced", async () => {
	// The same runbook with a hold that is shorter than any failover: a Sentinel takes several of its ticks of 0.1 s.
	const begun = await walk((source) => source.replaceAll("20000", "200"));
	await labProbeStart({ ...lab, kind: "client", perSecond: 1_000, followsSentinel: false });
	expect(await begun.through({ answers })).toBe("fence");
	const held = begun.value("heldMs");
	expect(begun.ends["fence"]?.says).toBe(
		`lossless not proven: the hold of 20 s ran out before the old master was fenced, ${held} ms after it began`,
	);
	expect(held).toBeGreaterThan(200);
	// Fenced all the same, and the hold is off: the old master follows.
	expect(says(begun, await begun.through({ from: "sentinels-agree", to: "old-master-is-a-replica" }))).toEqual([
		null,
		undefined,
	]);
	expect(await begun.through({ from: "nothing-acknowledged-lost" })).toBe("nothing-acknowledged-lost");
	expect(begun.ends["nothing-acknowledged-lost"]?.says).toContain("lossless not proven: the hold of 20 s ran out");
	const probe = await labProbeStop({ ...lab, kind: "client" });
	expect(probe.lost).toBeGreaterThan(0);
});

it("is refused when the master has moved between being shown and being run", async () => {
	const begun = await walk();
	expect(says(begun, await begun.through({ to: "tell-the-application-team", answers }))).toEqual([null, undefined]);
	const { plan, confirmation } = await bench.sessions.plan(begun.session, "failover");
	await redisNode(lab, "sentinel-2").call("SENTINEL", "FAILOVER", "orders");
	await expect.poll(sentinelNames, { timeout: 8_000 }).not.toBe(master.address);
	const asked = bench.sessions.request(
		begun.session,
		{ unit: "failover", planDigest: plan.digest, confirmation },
		bench.alice,
	);
	await expect(asked).rejects.toMatchObject({ problem: { code: "plan-moved" } });
	expect(Object.values(bench.sessions.state(begun.session).runs).some((run) => run.unit === "failover")).toBe(false);

	// Shown anew and confirmed it goes through, and the steps after it speak of the master that moved, not of the first.
	const moved = await sentinelNames();
	const holds = async (step: string) => {
		await begun.run(step);
		return begun.ends[step]?.outcome;
	};
	for (const step of ["no-failover-running", "replicas-in-sync"]) {
		await expect.poll(() => holds(step), { timeout: 20_000, interval: 500 }).toBe("succeeded");
	}
	expect(says(begun, await begun.through({ from: "failover" }))).toEqual([null, undefined]);
	expect(begun.value("oldAddress")).toBe(moved);
});

it("sends nothing when the master is moved by others after it was asked for", async () => {
	const begun = await walk();
	expect(says(begun, await begun.through({ to: "tell-the-application-team", answers }))).toEqual([null, undefined]);
	// A failover is under way and nobody is promoted yet: the plan is still the one that was shown.
	await redisNode(lab, "sentinel-1").call("SENTINEL", "FAILOVER", "orders");
	await begun.run("failover").catch(() => undefined);
	const hold = begun.ends["hold-writes"];
	expect(hold?.commands.filter(({ phase, state }) => phase === "main" && state !== "not-sent") ?? []).toEqual([]);
	expect(outcomes(begun, group.slice(1)).every((outcome) => outcome === undefined || outcome === "rejected")).toBe(
		true,
	);
});
