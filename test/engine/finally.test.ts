import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifyPath } from "../../server/records/verify.ts";
import { startTestRedis, type TestRedis } from "../../steps/redis/test-redis.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let redis: TestRedis;
let bench: TestSessions;
let folder: string;

beforeAll(async () => {
	redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "runledger-finally-"));
	await redis.cli(["FLUSHALL"]);
	const prodx = { ...redis.target, name: "prodx", environment: "production" as const };
	bench = await openTestSessions({ targets: [redis.target, prodx] });
});
afterEach(async () => {
	await bench.close();
	await rm(folder, { recursive: true });
});

/** Both step types, each with a body that succeeds, one that fails, one that lasts, and a `finally` that counts. */
const types = [
	{
		word: "redis",
		target: { target: "orders.master" },
		fine: "SET a 1",
		fails: "SET a 1\nINCR a b",
		lasts: "INCR begun\nBLPOP never 0",
		last: () => "INCR released",
		async count(name: "released" | "begun") {
			return Number(/\d+/.exec((await redis.cli(["GET", name])).toString())?.[0] ?? 0);
		},
	},
	{
		word: "sh",
		target: {},
		fine: "true",
		fails: "false",
		lasts: 'echo once >> "$FOLDER/begun"; sleep 300',
		last: () => `echo once >> ${folder}/released`,
		async count(name: "released" | "begun") {
			const text = await readFile(join(folder, name), "utf8").catch(() => "");
			return text.split("\n").length - 1;
		},
	},
];

describe.each(types)("the finally of a $word step", ({ word, target, fine, fails, lasts, last, count }) => {
	const step = (body: string, more: Record<string, string> = {}) =>
		fence(word, { name: "step", ...target, finally: last(), ...more }, body.replaceAll("$FOLDER", folder));

	it("is sent once when the step has succeeded", async () => {
		const { outcome, runs } = await bench.run(await bench.open(step(fine)), "step");
		expect(outcome).toBe("succeeded");
		expect(await count("released")).toBe(1);
		const entries = JSON.parse(runs[0]?.commands?.content ?? "[]") as { phase: string; times?: number }[];
		expect(entries.filter(({ phase }) => phase === "finally")).toMatchObject([{ state: "done" }]);
		expect(entries.some(({ times }) => times !== undefined)).toBe(false);
	});

	it("is what the next person reads first when the server died while a group held on", async () => {
		const hold = fence(word, { name: "hold", group: "g", ...target, finally: last() }, fine);
		const session = await bench.open(
			`${hold}\n${fence(word, { name: "long", group: "g", ...target }, lasts.replaceAll("$FOLDER", folder))}`,
		);
		const { plan, confirmation } = await bench.sessions.plan(session, "g");
		const request = { unit: "g", planDigest: plan.digest, confirmation };
		const { runs, finished } = await bench.sessions.request(session, request, bench.alice);
		await expect.poll(() => count("begun"), { timeout: 20_000 }).toBe(1);
		// What is on disk at this moment is what a kill would leave.
		const copy = join(folder, "copy");
		await cp(bench.folder.paths.folder, copy, { recursive: true, filter: (path) => !path.endsWith(".sock") });
		await bench.sessions.cancel(session, runs[1] ?? "", bench.alice);
		await finished;
		const after = await openTestSessions({ at: copy });
		expect(await after.sessions.recover()).toBe(2);
		const { problem, commands } = after.sessions.state(session).runs[runs[0] ?? ""] ?? {};
		await after.close(true);
		const { detail, next } = JSON.parse(problem?.content ?? "{}") as { detail: string; next: string };
		expect(detail).toContain(`Done: \`${fine}\``);
		expect(detail).toContain(`\`finally\` was not sent: \`${last()}`);
		expect(next).toContain(`take it back yourself, in a step that you add here: \`${last()}\` on `);
		expect(JSON.parse(commands?.content ?? "[]")).toMatchObject([
			{ phase: "main", state: "done" },
			{ phase: "finally", state: "not-sent" },
		]);
		expect(await verifyPath(copy)).toMatchObject({ ok: true });
	});

	it("is sent once when the step has failed", async () => {
		expect((await bench.run(await bench.open(step(fails)), "step")).outcome).toBe("failed");
		expect(await count("released")).toBe(1);
	});

	it("is sent once when the step was cancelled", async () => {
		const session = await bench.open(step(lasts));
		const { plan, confirmation } = await bench.sessions.plan(session, "step");
		const request = { unit: "step", planDigest: plan.digest, confirmation };
		const { runs, finished } = await bench.sessions.request(session, request, bench.alice);
		await expect.poll(() => count("begun"), { timeout: 20_000 }).toBe(1);
		await bench.sessions.cancel(session, runs[0] ?? "", bench.alice);
		expect((await finished).outcome).toBe("cancelled");
		expect(await count("released")).toBe(1);
	});

	it("is sent once when the step's group has ended, also by the failure of another", async () => {
		const group = { group: "g" };
		const other = (body: string) => fence("sh", { name: "other", ...group }, body);
		expect((await bench.run(await bench.open(step(fine, group) + other("true")), "g")).outcome).toBe("succeeded");
		expect(await count("released")).toBe(1);
		expect((await bench.run(await bench.open(step(fine, group) + other("false")), "g")).outcome).toBe("failed");
		expect(await count("released")).toBe(2);
		expect((await bench.run(await bench.open(step(fine, group)), "g")).outcome).toBe("succeeded");
		expect(await count("released")).toBe(3);
	});

	it("is not sent when the step was not needed", async () => {
		const { runs } = await bench.run(await bench.open(step(fine, { when: "false" })), "step");
		expect(runs[0]?.outcome).toBe("skipped");
		expect(await count("released")).toBe(0);
	});

	it("is not sent when what the step checks again does not hold", async () => {
		const check = fence("redis", { name: "check", target: "orders.master", expect: "result == 'gone'" }, "PING");
		const { outcome, runs } = await bench.run(await bench.open(check + step(fine, { recheck: "check" })), "step");
		expect(outcome).toBe("failed");
		expect(runs[0]?.problem?.content).toContain("recheck-failed");
		expect(await count("released")).toBe(0);
	});

	it("is not sent when the step's group ended before the step began", async () => {
		const before = fence("sh", { name: "before", group: "g" }, "false");
		expect((await bench.run(await bench.open(before + step(fine, { group: "g" })), "g")).outcome).toBe("failed");
		expect(await count("released")).toBe(0);
	});
});

describe("a finally on another cluster", () => {
	const elsewhere = () =>
		fence("redis", { name: "step", target: "orders.master", finally: "@prodx.master FLUSHALL" }, "PING");

	it("is refused in a drill when that is no lab", async () => {
		const session = await bench.open(elsewhere(), {}, "drill");
		await expect(bench.run(session, "step", "prodx")).rejects.toMatchObject({ problem: { code: "target-not-lab" } });
	});

	it("asks for the name of the cluster that it destroys", async () => {
		await redis.cli(["SET", "kept", "1"]);
		const session = await bench.open(elsewhere());
		expect((await bench.sessions.plan(session, "step")).confirmation).toBe("typed");
		await expect(bench.run(session, "step", "orders")).rejects.toMatchObject({
			problem: { code: "confirmation-wrong", detail: "Type the name of the target: prodx." },
		});
		expect((await redis.cli(["EXISTS", "kept"])).toString()).toContain("1");
		expect((await bench.run(session, "step", "prodx")).outcome).toBe("succeeded");
		expect((await redis.cli(["EXISTS", "kept"])).toString()).toContain("0");
	});
});
