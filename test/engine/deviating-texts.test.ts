import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTestRedis, type TestRedis } from "../../steps/redis/test-redis.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let bench: TestSessions;
let folder: string;
let redis: TestRedis | undefined;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "runledger-texts-"));
	// What asks nobody on a lab must ask here.
	bench = await openTestSessions({
		targets: [{ name: "local", kind: "local", environment: "production", config: {} }],
	});
});
afterEach(async () => {
	await bench.close();
	await redis?.close();
	redis = undefined;
	await rm(folder, { recursive: true });
});

it("runs of a step nothing but its own whole lines, one after the other", async () => {
	const { sessions, alice } = bench;
	const reads = fence("sh", { name: "look", risk: "read" }, "cd /usr\nls\npwd");
	const listing = fence("console", { name: "shown", risk: "read" }, "$ cat notes\nrm -rf notes");
	const session = await bench.open(`${reads}${listing}${fence("note", { name: "told" }, "one\ntwo")}`);
	const made = join(folder, "made");
	const { digest } = (await sessions.plan(session, "look")).plan;
	const foreign: [string, string][] = [
		["look", `touch ${made}`],
		["look", "s"],
		["look", "cd /usr\npwd"],
		["look", "pwd\nls"],
		["look", "\n"],
		["shown", "rm -rf notes"],
		["told", "one"],
	];
	for (const [unit, selection] of foreign) {
		const refused = { problem: { code: "bad-request" } };
		await expect(sessions.plan(session, unit, selection), selection).rejects.toMatchObject(refused);
		const asked = { unit, planDigest: digest, confirmation: "none" as const, selection };
		await expect(sessions.request(session, asked, alice), selection).rejects.toMatchObject(refused);
	}
	expect(existsSync(made)).toBe(false);
	const { plan } = await sessions.plan(session, "look", "cd /usr\nls");
	expect(plan.steps[0]?.commands[0]?.text).toBe("cd /usr\nls");
});

it("neither judges some lines by what the whole step expects, nor takes from them what it captures", async () => {
	const more = { name: "look", expect: "output.contains('two')", capture: "seen=result" };
	const session = await bench.open(fence("sh", more, "echo one\necho two"));
	const selection = "echo one";
	const { plan, confirmation } = await bench.sessions.plan(session, "look", selection);
	const asked = { unit: "look", planDigest: plan.digest, confirmation, selection };
	const { outcome } = await (await bench.sessions.request(session, asked, bench.alice)).finished;
	expect(outcome).toBe("succeeded");
	expect(bench.sessions.state(session).values).toEqual({});
});

it("does not take the author's word on a whole script for some of its lines", async () => {
	const session = await bench.open(fence("sh", { name: "look", risk: "read" }, "cat <<'EOF'\nrm -rf here\nEOF"));
	expect((await bench.sessions.plan(session, "look")).confirmation).toBe("none");
	const { plan, confirmation } = await bench.sessions.plan(session, "look", "rm -rf here");
	expect([plan.risk, confirmation]).toEqual(["unknown", "key"]);
});

it("gives some lines alone the values that the whole step is given, and asks for what a line left out would set", async () => {
	const front = "---\nparameters:\n  host: { type: string }\n---\n\n";
	const source = `${front}${fence("sh", { name: "look" }, "NODE=one\necho {{host}}\necho $NODE")}`;
	const session = await bench.open(source, { host: "orders-1" });
	const line = (await bench.sessions.plan(session, "look")).plan.steps[0]?.commands[0]?.text.split("\n")[1] ?? "";
	const { plan } = await bench.sessions.plan(session, "look", line);
	expect(plan.steps[0]?.variables).toHaveLength(1);
	await expect(bench.sessions.plan(session, "look", "echo $NODE")).rejects.toMatchObject({
		problem: { code: "value-missing" },
	});
});

it("does not take the author's word that a text only reads for the text that a person writes instead", async () => {
	const { sessions, alice } = bench;
	const steps = `${fence("sh", { name: "look", risk: "read" }, "ls")}${fence("sh", { name: "drop", risk: "destructive" }, "rm a")}`;
	const session = await bench.open(`${steps}${fence("sh", { name: "act", recheck: "look" }, "echo act")}`);
	const planned = async (unit: string) => {
		const { plan, confirmation } = await sessions.plan(session, unit);
		return [plan.risk, confirmation];
	};
	expect(await planned("look")).toEqual(["read", "none"]);
	await sessions.editStep(session, "look", "rm -rf here", "", alice);
	expect(await planned("look")).toEqual(["unknown", "key"]);
	await expect(sessions.plan(session, "act")).rejects.toMatchObject({ problem: { code: "plan-failed" } });
	await sessions.editStep(session, "drop", "ls", "", alice);
	expect(await planned("drop")).toEqual(["destructive", "typed"]);
	// The author's own text again is what he spoke of.
	await sessions.editStep(session, "look", "ls", "", alice);
	expect(await planned("look")).toEqual(["read", "none"]);
	expect((await sessions.plan(session, "act")).plan.rechecks[0]?.risk).toBe("read");
});

it("refuses a text in which a line would silently not be run: one without a prompt among those that have one", async () => {
	const { sessions, alice } = bench;
	const listing = "$ uptime\n 02:14 up 3 days\n$ cat <<EOF\nas it stands\nEOF\n$ echo a \\\n  b";
	const session = await bench.open(
		`${fence("console", { name: "shown" }, listing)}${fence("sh", { name: "plain" }, "uptime")}`,
	);
	const edit = (step: string, body: string) => sessions.editStep(session, step, body, "", alice);
	const refused = (detail: RegExp) => ({ problem: { code: "prompts-mixed", detail: expect.stringMatching(detail) } });
	await expect(edit("shown", `${listing}\ntouch made`)).rejects.toMatchObject(
		refused(/not run: line 8, `touch made`\.$/),
	);
	await expect(edit("shown", `${listing}\nls\n 02:14 up 3 days`)).rejects.toMatchObject(
		refused(/Lines have .*line 8, `ls`; line 9, `02:14 up 3 days`/),
	);
	await expect(edit("shown", listing.slice(2))).rejects.toMatchObject(refused(/prompt of line 3 .*`\$ cat <<EOF`/));
	const written = { after: "shown", type: "shell" as const, title: "Look", body: "$ uptime\nls" };
	await expect(sessions.addStep(session, written, alice)).rejects.toMatchObject(refused(/line 2, `ls`/));
	// What was output before stays output, a comment runs nowhere, and a script has no prompts.
	await edit("shown", `${listing}\n# and then\n$ ls`);
	await edit("shown", "uptime\nls");
	await edit("plain", "cat <<EOF\n$ ls\nEOF");
	await edit("plain", "$ uptime\n$ ls");
});

it("judges an edited command by the table, whatever its author said of the one before", async () => {
	redis = await startTestRedis();
	await bench.close();
	bench = await openTestSessions({ targets: [{ ...redis.target, environment: "production" }] });
	const target = `${redis.target.name}.master`;
	const session = await bench.open(fence("redis", { name: "look", risk: "read", target }, "GET a"));
	expect((await bench.sessions.plan(session, "look")).confirmation).toBe("none");
	await bench.sessions.editStep(session, "look", "FLUSHALL", "", bench.alice);
	const { plan, confirmation } = await bench.sessions.plan(session, "look");
	expect([plan.risk, confirmation]).toEqual(["destructive", "typed"]);
});
