import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunState } from "../../core/session-state.ts";
import { startTestRedis, type TestRedis } from "../../steps/redis/test-redis.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let redis: TestRedis;
let bench: TestSessions;
let folder: string;
/** What a step reads, as the world has it now. */
let found: string;

beforeAll(async () => {
	redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "runledger-shown-"));
	found = join(folder, "found");
	bench = await openTestSessions({ targets: [redis.target] });
});
afterEach(async () => {
	await bench.close();
	await rm(folder, { recursive: true });
});

const sh = (name: string, body: string, more: Record<string, string> = {}) => fence("sh", { name, ...more }, body);
const front = (yaml: string) => `---\n${yaml}\n---\n`;
const who = () => sh("who", `cat ${found}`, { risk: "read", capture: "master=result" });

function shown(session: string, run: RunState | undefined): Promise<string> {
	return bench.output(session, run?.run ?? "");
}

/** Runs a unit as planned now; gives what each of its steps printed. */
async function prints(session: string, unit: string): Promise<string[]> {
	const { runs } = await bench.run(session, unit);
	return Promise.all(runs.map((run) => (run.recording ? shown(session, run) : "")));
}

/** Shows a unit, lets something happen, then runs it as it was shown. */
async function afterShown(session: string, unit: string, happens: () => Promise<unknown>): Promise<RunState[]> {
	const { plan, confirmation } = await bench.sessions.plan(session, unit);
	await happens();
	const request = { unit, planDigest: plan.digest, confirmation };
	const { finished } = await bench.sessions.request(session, request, bench.alice);
	return (await finished).runs;
}

const problemOf = (run: RunState | undefined) => JSON.parse(run?.problem?.content ?? "{}") as { code?: string };
const sent = (run: RunState | undefined) =>
	(JSON.parse(run?.commands?.content ?? "[]") as { phase: string; state: string; text: string }[]).filter(
		({ phase, state }) => phase !== "recheck" && state !== "not-sent",
	);

describe("a value that a plan shows", () => {
	const moved = { code: "plan-moved", detail: expect.stringContaining("`master`") };

	it.each([
		["in a script", () => sh("act", "echo WIPE {{master}}", { recheck: "who" })],
		[
			"in a command",
			() => fence("redis", { name: "act", target: "orders.master", recheck: "who" }, "SET wiped {{master}}"),
		],
		[
			"in a later step of the group",
			() => sh("first", "true", { group: "g", recheck: "who" }) + sh("act", "echo {{master}}", { group: "g" }),
		],
	])("is not replaced by what is found when it is checked again: %s", async (_, act) => {
		await redis.cli(["FLUSHALL"]);
		await writeFile(found, "node-1\n");
		const session = await bench.open(who() + act());
		await bench.run(session, "who");
		const runs = await afterShown(session, "act", () => writeFile(found, "node-2\n"));
		expect(runs[0]?.outcome).toBe("failed");
		expect(problemOf(runs[0])).toMatchObject(moved);
		expect(runs.flatMap(sent)).toEqual([]);
		expect((await redis.cli(["EXISTS", "wiped"])).toString()).toContain("0");
		// The next plan shows what was found, and runs with it.
		expect((await bench.run(session, "act")).outcome).toBe("succeeded");
		expect((await prints(session, "act")).join("")).toMatch(/node-2|OK/);
	});

	it("is not replaced by what an earlier step of its group exports", async () => {
		const session = await bench.open(
			front("parameters:\n  N: { type: string, default: one }") +
				sh("a", "export N=two LOG=/new", { group: "g" }) +
				sh("c", "echo DROP $N", { group: "g" }),
		);
		const { runs } = await bench.run(session, "g");
		expect(runs.map(({ outcome }) => outcome)).toEqual(["succeeded", "failed"]);
		expect(problemOf(runs[1])).toMatchObject({ code: "plan-moved", detail: expect.stringContaining("`N`") });
		expect(sent(runs[1])).toEqual([]);
	});

	it("is not replaced by another export of an earlier step of its group, nor lost", async () => {
		for (const change of ["export LOG=/new", "unset LOG"]) {
			const session = await bench.open(
				sh("before", "export LOG=/old") + sh("a", change, { group: "g" }) + sh("c", "echo $LOG", { group: "g" }),
			);
			await bench.run(session, "before");
			const { runs } = await bench.run(session, "g");
			expect(problemOf(runs[1])).toMatchObject({ code: "plan-moved", detail: expect.stringContaining("`LOG`") });
			expect(sent(runs[1])).toEqual([]);
		}
	});

	it("as coming from a step of its group comes from that step, not from an earlier attempt or another step", async () => {
		const session = await bench.open(
			front("parameters:\n  on: { type: boolean, default: true }") +
				sh("a", "echo from-a", { group: "g", capture: "x=result", when: "params.on" }) +
				sh("c", "echo DROP {{x}}", { group: "g" }),
		);
		expect(await prints(session, "g")).toEqual(["from-a\r\n", "DROP from-a\r\n"]);
		await bench.sessions.setValue(session, "on", false, bench.alice);
		const { runs } = await bench.run(session, "g");
		expect(runs.map(({ outcome }) => outcome)).toEqual(["skipped", "failed"]);
		expect(problemOf(runs[1])).toMatchObject({ code: "value-missing", detail: expect.stringContaining("`x` of “A”") });
		expect(sent(runs[1])).toEqual([]);
	});

	it("as coming from the later of two steps of its group does not come from the earlier one", async () => {
		const session = await bench.open(
			front("parameters:\n  on: { type: boolean, default: false }") +
				sh("a", "echo from-a", { group: "g", capture: "x=result" }) +
				sh("b", "echo from-b", { group: "g", capture: "x=result", when: "params.on" }) +
				sh("c", "echo DROP {{x}}", { group: "g" }),
		);
		const { runs } = await bench.run(session, "g");
		expect(runs.map(({ outcome }) => outcome)).toEqual(["succeeded", "skipped", "failed"]);
		expect(problemOf(runs[2])).toMatchObject({ code: "plan-moved", detail: expect.stringContaining("`x`") });
		expect(sent(runs[2])).toEqual([]);
	});

	it("in a `finally` must be known before the step begins", async () => {
		const session = await bench.open(
			front("parameters:\n  on: { type: boolean, default: false }") +
				sh("a", "echo lock-1", { group: "g", capture: "lock=result", when: "params.on" }) +
				fence("redis", { name: "c", group: "g", target: "orders.master", finally: "DEL {{lock}}" }, "SET held 1"),
		);
		await redis.cli(["FLUSHALL"]);
		const { runs } = await bench.run(session, "g");
		expect(runs.map(({ outcome }) => outcome)).toEqual(["skipped", "failed"]);
		expect(problemOf(runs[1])).toMatchObject({ code: "value-missing", detail: expect.stringContaining("`lock`") });
		expect((await redis.cli(["EXISTS", "held"])).toString()).toContain("0");
	});
});

describe("`params`", () => {
	const when = "!has(params.lag) || params.lag > 100";
	const runbook = (capture: string) =>
		front(
			`parameters:\n  lag: { type: number, default: 5 }\n  name: { type: string, default: x }\nsteps:\n  measure: { capture: { ${capture} } }`,
		) +
		sh("measure", "echo 7", { risk: "read" }) +
		sh("act", "echo destroyed", { when }) +
		sh("check", "true", { expect: "params.lag == 7 && params.name == '7'" });

	it("hold what a person set, typed as the parameter is", async () => {
		const session = await bench.open(runbook("other: result"));
		await bench.sessions.setValue(session, "lag", 5, bench.alice);
		expect((await bench.run(session, "act")).runs[0]?.outcome).toBe("skipped");
		await bench.sessions.setValue(session, "lag", "101", bench.alice);
		expect((await bench.run(session, "act")).runs[0]?.outcome).toBe("succeeded");
	});

	it("hold what a step captured under their name, typed as the parameter is", async () => {
		const session = await bench.open(runbook("lag: result, name: int(result)"));
		expect((await bench.run(session, "measure")).outcome).toBe("succeeded");
		expect((await bench.run(session, "act")).runs[0]?.outcome).toBe("skipped");
		expect((await bench.run(session, "check")).runs[0]?.problem?.content).toBeUndefined();
	});
});

describe("the newest word on a value wins", () => {
	const uses = () => sh("c", "echo $HOST") + sh("d", "echo {{host}}") + sh("e", "echo <host>");
	const all = async (session: string) => [
		...(await prints(session, "c")),
		...(await prints(session, "d")),
		...(await prints(session, "e")),
	];

	it("an export, then a person, in all spellings, and the page has the same", async () => {
		const session = await bench.open(
			front("parameters:\n  host: { type: string, default: Alpha }") + sh("a", `HOST=\${HOST,,}`) + uses(),
		);
		await bench.run(session, "a");
		expect(await all(session)).toEqual(Array(3).fill("alpha\r\n"));
		expect(bench.sessions.state(session).values.host?.value?.content).toBe('"alpha"');
		await bench.sessions.setValue(session, "host", "beta", bench.alice);
		expect(await all(session)).toEqual(Array(3).fill("beta\r\n"));
		await bench.sessions.setValue(session, "HOST", "gamma", bench.alice);
		expect(await all(session)).toEqual(Array(3).fill("gamma\r\n"));
	});

	it("an export, then a capture, also within a group", async () => {
		const runbook = (more: Record<string, string>) =>
			sh("a", "export HOST=node-1") +
			sh("q", "echo node-2", { capture: "host=result", ...more }) +
			sh("f", "echo $HOST {{host}}", more) +
			uses();
		for (const more of [{}, { group: "g" }]) {
			const session = await bench.open(runbook(more));
			await bench.run(session, "a");
			// As a group both run each time, the first time beside what was exported before.
			const printed = [...(await prints(session, "q")), ...(await prints(session, "f"))];
			expect(new Set(printed)).toEqual(new Set(["node-2\r\n", "node-2 node-2\r\n"]));
			expect(await all(session)).toEqual(Array(3).fill("node-2\r\n"));
		}
	});

	it("an export of a secret stays one, whatever its name", async () => {
		const session = await bench.open(
			front("parameters:\n  login: { type: secret }") +
				sh("a", `export LOGIN="\${LOGIN}-and-more"`) +
				sh("c", "echo $LOGIN <login>"),
			{ login: "zzz-secret" },
		);
		await bench.run(session, "a");
		const [printed] = await prints(session, "c");
		expect(printed).toBe("******** ********\r\n");
		expect(bench.sessions.state(session).values.login).toMatchObject({ secret: true });
		expect(JSON.stringify(bench.folder.events.read(session))).not.toContain("zzz-secret");
	});
});

describe("what stands in a script's `finally`", () => {
	const runbook = (line: string, { own = "", body = "echo act" } = {}) =>
		front(
			`parameters:\n  NODE: { type: string, default: n1 }\nsteps:\n  act:\n    finally: ['${line}']${own === "" ? "" : `\n    capture: { ${own} }`}`,
		) +
		sh("who", `cat ${found}`, { risk: "read", capture: "NODE=result" }) +
		sh("act", body);

	it("is in the plan with its values: another value is another plan", async () => {
		const session = await bench.open(runbook("echo RELEASE $NODE"));
		const { plan } = await bench.sessions.plan(session, "act");
		expect(plan.steps[0]?.variables.map(({ name }) => name)).toEqual(["NODE"]);
		await expect(
			afterShown(session, "act", () => bench.sessions.setValue(session, "NODE", "n2", bench.alice)),
		).rejects.toMatchObject({ problem: { code: "plan-moved" } });
		await writeFile(found, "n3");
		await expect(afterShown(session, "act", () => bench.run(session, "who"))).rejects.toMatchObject({
			problem: { code: "plan-moved" },
		});
		expect((await prints(session, "act"))[0]).toContain("RELEASE n3\r\n");
	});

	it("has the values of the moment at which the step began, not what its body captures or exports", async () => {
		for (const more of [{ own: "NODE: result", body: "echo n2" }, { body: "export NODE=n2; cd /" }]) {
			const session = await bench.open(runbook("echo RELEASE $NODE in $PWD", more));
			const { plan } = await bench.sessions.plan(session, "act");
			expect((await prints(session, "act"))[0]).toContain(`RELEASE n1 in ${plan.steps[0]?.cwd}\r\n`);
			expect(bench.sessions.state(session).values.NODE?.value?.content).toBe('"n2"');
		}
	});

	it("has what its step alone captures, and is not sent without it", async () => {
		const session = await bench.open(runbook('echo RELEASE "$LOCK"', { own: "LOCK: result", body: "echo lock-1" }));
		expect((await prints(session, "act"))[0]).toContain("RELEASE lock-1\r\n");
		const failing = runbook('echo RELEASE "$LOCK"', { own: "LOCK: result", body: "false" });
		const { runs } = await bench.run(await bench.open(failing), "act");
		expect(sent(runs[0]).map(({ text }) => text)).toEqual(["false"]);
	});

	it("asks for the value that it needs, and is refused without one", async () => {
		await expect(bench.open(runbook("echo RELEASE /srv/$LATER/x"))).rejects.toMatchObject({
			problem: { code: "parameter-missing" },
		});
		const exported = await bench.open(runbook("echo RELEASE /srv/$LATER/x", { body: "export LATER=x" }));
		await expect(bench.sessions.plan(exported, "act")).rejects.toMatchObject({ problem: { code: "value-missing" } });
	});

	it("takes no value for an option", async () => {
		const session = await bench.open(runbook('ls -d "$NODE"'));
		await bench.sessions.setValue(session, "NODE", "--version", bench.alice);
		await expect(bench.sessions.plan(session, "act")).rejects.toMatchObject({ problem: { code: "parameter-invalid" } });
	});
});

it("a value that looks like a placeholder stays the value that it is", async () => {
	const session = await bench.open(
		front("parameters:\n  key: { type: string }") +
			sh("take", "echo captured", { group: "g", capture: "m=result" }) +
			fence("redis", { name: "act", group: "g", target: "orders.master" }, "SET a{{m}}b{{m}} {{key}}{{m}}"),
		{ key: "{{m}}" },
	);
	const { outcome, runs } = await bench.run(session, "g");
	expect(outcome).toBe("succeeded");
	expect(sent(runs[1]).map(({ text }) => text)).toEqual([
		expect.stringMatching(/^SET acapturedbcaptured "?\{\{m\}\}captured"?$/),
	]);
	expect((await redis.cli(["GET", "acapturedbcaptured"])).toString()).toContain("{{m}}captured");
});

it("a step of a group is skipped with its group only", async () => {
	const session = await bench.open(
		sh("a", "echo A", { group: "g" }) + sh("c", "echo C", { group: "g" }) + sh("d", "echo D"),
	);
	const { sessions, alice } = bench;
	const statuses = () => Object.values(sessions.state(session).steps).map(({ status }) => status);
	await expect(sessions.skipStep(session, "a", "not this one", alice)).rejects.toMatchObject({
		problem: { code: "bad-request", detail: expect.stringContaining("`g`") },
	});
	expect(statuses()).toEqual(["idle", "idle", "idle"]);
	await sessions.skipStep(session, "g", "none of it", alice);
	await sessions.skipStep(session, "d", "nor this", alice);
	expect(statuses()).toEqual(["skipped", "skipped", "skipped"]);
});
