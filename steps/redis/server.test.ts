import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { StepPlan } from "../../core/plan.ts";
import type { Problem } from "../../core/problem.ts";
import type { Topology } from "../../core/target.ts";
import type { StepResult } from "../step-executor.ts";
import { openTestRun, type TestRun, type TestRunOptions, testSpec } from "../test-run.ts";
import { redisExecutor } from "./server.ts";
import { startTestRedis, type TestRedis } from "./test-redis.ts";
import { redisType } from "./type.ts";

type More = Parameters<typeof testSpec<any>>[2];

let redis: TestRedis;
let topology: Topology;
const tests: TestRun[] = [];

beforeAll(async () => {
	redis = await startTestRedis(1);
	topology = await redis.read();
});
afterEach(async () => {
	await Promise.all(tests.splice(0).map((test) => test.close()));
});
afterAll(async () => {
	await redis?.close();
});

const at = (role: string) => topology.members.find((member) => member.role === role)?.address.split(":") ?? [];

function testRun(options: TestRunOptions = {}): TestRun {
	const test = openTestRun({ topologies: [topology], targets: [redis.target], ...options });
	tests.push(test);
	return test;
}

async function planned(test: TestRun, body: string, more: More = {}): Promise<StepPlan> {
	const plan = await redisExecutor(test.host).plan(
		testSpec(redisType, body, { target: "orders.master", ...more }),
		test.context,
	);
	if (Array.isArray(plan)) throw new Error(JSON.stringify(plan));
	return plan;
}

async function refused(body: string, more: More = {}, options: TestRunOptions = {}): Promise<Problem> {
	const test = testRun(options);
	const spec = testSpec(redisType, body, { target: "orders.master", ...more });
	const plan = await redisExecutor(test.host).plan(spec, test.context);
	if (!Array.isArray(plan) || !plan[0]) throw new Error("It was not refused.");
	return plan[0];
}

async function run(test: TestRun, body: string, more: More = {}): Promise<StepResult> {
	return redisExecutor(test.host).execute(await planned(test, body, more), test.run);
}

describe("the plan", () => {
	it("has the node of each command, its risk, and nothing sent", async () => {
		const test = testRun();
		const plan = await planned(test, "INFO replication\n@orders.replica CLIENT PAUSE 100 WRITE");
		expect(plan.commands).toMatchObject([
			{ node: { name: "cache-1", role: "master" }, text: "INFO replication", risk: "read" },
			{ node: { name: "cache-2", role: "replica" }, reference: "orders.replica", risk: "change" },
		]);
		expect(plan.commands[0]?.node.id).toMatch(/^[0-9a-f]{40}$/);
		expect(plan.risk).toBe("change");
		expect(test.sent).toEqual([]);
	});

	it("takes the graver of the author's word and the table's", async () => {
		expect((await planned(testRun(), "FLUSHALL", { risk: "read" })).risk).toBe("destructive");
		expect((await planned(testRun(), "GET a", { risk: "change" })).risk).toBe("change");
	});

	it("calls a command destructive that neither the table nor the server knows", async () => {
		expect((await planned(testRun(), "NOSUCH a")).risk).toBe("destructive");
	});

	it("puts a value into its own argument, whatever is in it, and quotes it where it is shown", async () => {
		const test = testRun({ values: { v: 'a b" FLUSHALL\n{{v}}', n: 7 } });
		const [command] = (await planned(test, "SET key:{{n}} {{v}}")).commands;
		expect(command?.argv).toEqual(["SET", "key:7", 'a b" FLUSHALL\n{{v}}']);
		expect(command?.text).toBe('SET key:7 "a b\\" FLUSHALL\\n{{v}}"');
	});

	it("keeps what an earlier step of the group will capture, and binds an address to the cluster", async () => {
		const pending = { host: { from: "new", expression: "result[0]" }, port: { from: "new", expression: "result[1]" } };
		const [command] = (await planned(testRun({ pending }), "REPLICAOF {{host}} {{port}}")).commands;
		expect(command).toMatchObject({
			text: "REPLICAOF {{host}} {{port}}",
			placeholders: [
				{ name: "host", from: "new", expression: "result[0]", memberOf: "orders" },
				{ name: "port", memberOf: "orders" },
			],
		});
	});

	it.each([
		["GET a", { target: undefined }, "target-missing"],
		["GET a", { target: "local" }, "target-kind-mismatch"],
		["GET a", { target: "orders.replica[4]" }, "target-role-vacant"],
		["GET {{nothing}}", {}, "value-missing"],
		["MONITOR", {}, "step-invalid"],
		["SUBSCRIBE news", {}, "step-invalid"],
		["MULTI\nSET a 1", {}, "step-invalid"],
		["EXEC", {}, "step-invalid"],
		["MULTI\n@orders.replica GET a\nEXEC", {}, "step-invalid"],
		["INCR a", { until: { expression: "result > 3", everyMs: 10, timeoutMs: 100 } }, "step-invalid"],
	])("%j with %j is refused as %s", async (body, more, code) => {
		const problem = await refused(body, more as More);
		expect(problem.code).toBe(code);
		expect(problem.at?.file).toBe("test.md");
	});

	it.each([
		["{{v}} news", "SUBSCRIBE"],
		["{{v}}", "monitor"],
		["CLIENT {{v}} OFF", "Reply"],
	])("%j with the value %j is refused: it takes its connection over", async (body, v) => {
		const problem = await refused(body, {}, { values: { v } });
		expect(problem.detail).toContain("takes its connection over");
		const last = await refused("PING", { finally: [{ run: body }] }, { values: { v } });
		expect(last.detail).toContain("takes its connection over");
	});

	it("has the risk of a command whose name is a value by that value", async () => {
		expect((await planned(testRun({ values: { v: "flushall" } }), "{{v}}")).risk).toBe("destructive");
		expect((await planned(testRun({ values: { v: "RESET" } }), "ACL LOG {{v}}")).risk).toBe("change");
	});

	it.each(["{{p}} a", "CONFIG {{p}} maxmemory", "ACL LOG {{p}}"])(
		"%j is refused when only the run would know the value",
		async (body) => {
			const problem = await refused(body, {}, { pending: { p: { from: "before", expression: "output" } } });
			expect(problem).toMatchObject({
				code: "step-invalid",
				detail: expect.stringContaining("only the run would know"),
			});
		},
	);

	it("binds what only the run knows to the cluster also where a word before it is open", async () => {
		const pending = { to: { from: "new", expression: "'TO'" }, host: { from: "new", expression: "result[0]" } };
		const [command] = (await planned(testRun({ pending }), "FAILOVER {{to}} {{host}} 6379")).commands;
		expect(command?.placeholders).toMatchObject([{ name: "to" }, { name: "host", memberOf: "orders" }]);
	});
});

describe("a run", () => {
	it("shows each command and its reply as redis-cli would, with the node before it", async () => {
		const test = testRun();
		const { result, exitCode, problem } = await run(
			test,
			"SET greeting 'hello \"you\"'\nGET greeting\nLRANGE none 0 -1",
		);
		expect(test.shown()).toBe(
			'lab:cache-1> SET greeting \'hello "you"\'\nOK\nlab:cache-1> GET greeting\n"hello \\"you\\""\n' +
				"lab:cache-1> LRANGE none 0 -1\n(empty array)\n",
		);
		expect(test.raw()).toContain("OK\r\n");
		expect({ result, exitCode, problem }).toEqual({ result: [], exitCode: null, problem: undefined });
		expect(test.sent.map((s) => s.end)).toEqual(["replied", "replied", "replied"]);
	});

	it("gives INFO as typed fields", async () => {
		const { result } = await run(testRun(), "INFO replication");
		expect(result).toMatchObject({ role: "master", connected_slaves: 1, slave0: { state: "online" } });
	});

	it("ends at an error reply and sends nothing after it", async () => {
		const test = testRun();
		const { problem, result } = await run(test, "SET word abc\nINCR word\nSET after 1");
		expect(problem).toMatchObject({ code: "command-failed" });
		expect(problem?.detail).toMatch(/^cache-1 refused `INCR word`: ERR value is not an integer/);
		expect(result).toEqual({ error: "ERR value is not an integer or out of range" });
		expect(test.sent.map((s) => s.end)).toEqual(["replied", "failed"]);
		expect(test.shown()).toMatch(/\(error\) ERR value is not an integer or out of range\n$/);
	});

	it("does a transaction on one connection and reads its replies as the commands'", async () => {
		const test = testRun();
		const { result, problem } = await run(test, "MULTI\nHSET h a 1\nHGETALL h\nINFO replication\nEXEC");
		expect(problem).toBeUndefined();
		expect(result).toMatchObject([expect.any(Number), { a: "1" }, { role: "master" }]);
		expect(test.shown()).toContain("lab:cache-1(TX)> HGETALL h\nQUEUED\n");
	});

	it("tells an error inside a transaction, and that the rest was done", async () => {
		const test = testRun();
		const { problem } = await run(test, "SET text abc\nMULTI\nSET done 1\nLPUSH text x\nEXEC");
		expect(problem?.detail).toMatch(/cache-1 refused `LPUSH text x` inside the transaction: WRONGTYPE/);
		expect(problem?.next).toMatch(/were done/);
		expect((await redis.cli(["GET", "done"])).toString()).toBe('"1"\n');
	});

	it("does nothing of a transaction whose command is refused when it is queued", async () => {
		const test = testRun();
		const { problem } = await run(test, "MULTI\nSET never 1\nNOSUCH\nEXEC");
		expect(problem?.detail).toMatch(/refused `NOSUCH`/);
		expect((await redis.cli(["EXISTS", "never"])).toString()).toBe("(integer) 0\n");
	});

	it("fails a transaction whose watched key has changed", async () => {
		const test = testRun();
		const { problem } = await run(test, "WATCH w\n@orders/cache-1 SET w 1\nMULTI\nSET w 2\nEXEC");
		expect(problem?.detail).toMatch(/a watched key had changed/);
	});

	it("leaves open what a lost connection makes of a command", async () => {
		const test = testRun();
		const ends = expect(run(test, "CLIENT LIST\nDEBUG SLEEP 1")).rejects.toMatchObject({
			problem: { code: "target-unreachable" },
		});
		await new Promise((done) => setTimeout(done, 400));
		await test.close();
		await ends;
		expect(test.sent.map((s) => s.end)).toEqual(["replied", "open"]);
	}, 20_000);

	it("stops with the reason of a cancel while a reply is awaited", async () => {
		const test = testRun();
		const cancel = setInterval(() => test.sent.length > 0 && test.abort(new Error("cancelled by alice")), 50);
		await expect(run(test, "BLPOP nothing-comes 20")).rejects.toThrow("cancelled by alice");
		clearInterval(cancel);
		expect(test.sent.map((s) => s.end)).toEqual(["open"]);
	});

	it("refuses a captured address that is no member, or the node itself", async () => {
		const pending = { host: { from: "new", expression: "result[0]" }, port: { from: "new", expression: "result[1]" } };
		const plan = await planned(testRun({ pending }), "REPLICAOF {{host}} {{port}}");
		const fill = (host: string | undefined, port: string | undefined) => {
			const test = testRun({ values: { host: host ?? "", port: port ?? "" } });
			return { test, done: redisExecutor(test.host).execute(plan, test.run) };
		};
		const stranger = fill("127.0.0.1", "1");
		await expect(stranger.done).rejects.toThrow(/127\.0\.0\.1:1 is no member of orders/);
		expect(stranger.test.sent).toEqual([]);
		const itself = fill(...(at("master") as [string, string]));
		await expect(itself.done).rejects.toThrow(/would make cache-1 follow itself/);
		expect(itself.test.sent).toEqual([]);
	});

	it("runs a finally line and tells what it refused", async () => {
		const test = testRun();
		const plan = await planned(test, "PING", { finally: [{ when: "true", run: "CLIENT UNPAUSE" }, { run: "NOSUCH" }] });
		expect(plan.finally).toMatchObject([
			{ when: "true", command: { risk: "change" } },
			{ command: { text: "NOSUCH" } },
		]);
		const executor = redisExecutor(test.host);
		const [first, second] = plan.finally.map((f) => f.command);
		expect(first && (await executor.executeFinally(first, test.run, plan))).toMatchObject({ result: "OK" });
		expect(second && (await executor.executeFinally(second, test.run, plan))).toMatchObject({
			problem: { code: "command-failed" },
		});
	});
});

describe("a large reply", () => {
	const expectations = (that: string) => ({ expect: [{ that }] }) as More;

	it("is given up beyond 16 MiB; the step fails with why, and the next one on the node goes on", async () => {
		await redis.cli(["SETRANGE", "large", String(16 * 2 ** 20), "x"]);
		const test = testRun();
		await expect(run(test, "PING\nGET large")).rejects.toMatchObject({
			problem: {
				code: "output-limit",
				detail: expect.stringContaining("answered with more than 16777216 bytes"),
				next: expect.stringContaining("was sent and carried out"),
			},
		});
		expect(test.sent).toMatchObject([{ end: "replied" }, { text: "GET large", end: "open" }]);
		expect(test.shown()).toMatch(/PONG\nlab:cache-1> GET large\n$/);
		expect((await run(testRun(), "STRLEN large")).result).toBe(16 * 2 ** 20 + 1);
	}, 20_000);

	it("is given up beyond a million values", async () => {
		const made = run(testRun(), `EVAL "local t={} for i=1,1000001 do t[i]=i end return t" 0`);
		await expect(made).rejects.toMatchObject({
			problem: { code: "output-limit", detail: expect.stringContaining("more than 1000000 values") },
		});
	}, 20_000);

	it("is shown whole, and what stands for it in the result is no part of it", async () => {
		await redis.cli(["SETRANGE", "megabytes", String(3 * 2 ** 20), "\u0001end"]);
		const test = testRun();
		const { result, problem } = await run(test, "GET megabytes");
		expect(problem).toBeUndefined();
		expect(result).toEqual({ leftOut: expect.stringContaining("has 3145740 bytes; `result` holds at most 1048576") });
		const zeros = "\\x00".repeat(3 * 2 ** 20);
		expect(test.raw().endsWith(` GET megabytes\r\n"${zeros}\\x01end"\r\n`)).toBe(true);
	}, 20_000);

	it("fails a step that checks or captures the result, and no other", async () => {
		await redis.cli(["SETRANGE", "megabytes", String(3 * 2 ** 20), "end"]);
		const limit = { problem: { code: "output-limit" } };
		expect(await run(testRun(), "GET megabytes", expectations("result != null"))).toMatchObject(limit);
		const capture = { capture: [{ name: "all", expression: "result" }] } as More;
		expect(await run(testRun(), "GET megabytes", capture)).toMatchObject(limit);
		expect((await run(testRun(), "GET megabytes", expectations("output != ''"))).problem).toBeUndefined();
		expect((await run(testRun(), "GET megabytes\nPING", expectations("result == 'PONG'"))).problem).toBeUndefined();
	}, 20_000);

	it("of many values is printed as redis-cli prints it", async () => {
		const script = "local t={} for i=1,200000 do t[i]=i%7==0 and {i,'x'} or i end return t";
		const test = testRun();
		await run(test, `EVAL "${script}" 0`);
		const theirs = (await redis.cli(["EVAL", script, "0"])).toString();
		expect(test.raw().endsWith(theirs.replaceAll("\n", "\r\n"))).toBe(true);
	}, 30_000);
});

describe("until", () => {
	const until = { expression: "result == 'ready'", everyMs: 20, timeoutMs: 20_000 };

	it("asks again until it holds, and shows the first and the last reply only", async () => {
		await redis.cli(["SET", "state", "not yet"]);
		const test = testRun();
		const asked = () => test.sent.filter((s) => s.text === "GET state").length;
		const changing = (async () => {
			await expect.poll(asked).toBeGreaterThan(6);
			await redis.cli(["SET", "state", "ready"]);
		})();
		const { result, problem } = await run(test, "SET asked 1\nGET state", { until });
		await changing;
		expect({ result, problem }).toEqual({ result: "ready", problem: undefined });
		expect(test.sent.filter((s) => s.text === "SET asked 1").length).toBe(1);
		const lines = test
			.shown()
			.split("\n")
			.map((line) => line.trim());
		expect(lines.filter((line) => line === "lab:cache-1> GET state").length).toBe(2);
		expect(lines.filter((line) => line !== "").at(-1)).toBe('"ready"');
		expect(test.raw()).toMatch(/again in 20 ms · 1st try · \d+ ms of 20 s/);
		expect(test.told.length).toBeGreaterThan(5);
	});

	it("does not fill the recording while it waits", async () => {
		const test = testRun();
		await run(test, "GET nothing", { until: { expression: "result != null", everyMs: 5, timeoutMs: 1_000 } });
		expect(test.sent.length).toBeGreaterThan(50);
		expect(test.raw().length).toBeLessThan(1_500);
	});

	it("ends in time and says what it waited for and what came last", async () => {
		const test = testRun();
		const { problem, result } = await run(test, "GET nothing", {
			until: { expression: "result == 'x'", everyMs: 20, timeoutMs: 200 },
		});
		expect(result).toBeNull();
		expect(problem).toMatchObject({ code: "timeout", data: { wanted: "result == 'x'", got: "null" } });
		expect(problem?.detail).toMatch(
			/`result == 'x'` did not hold within 200 ms \(\d+ tries\)\. The last result was null\./,
		);
	});

	it("goes on over error replies and fields that are not there yet", async () => {
		await redis.cli(["DEL", "late"]);
		await redis.cli(["SET", "late", "a string"]);
		setTimeout(() => void redis.cli(["DEL", "late"]).then(() => redis.cli(["RPUSH", "late", "one"])), 300);
		const { result } = await run(testRun(), "LRANGE late 0 -1", {
			until: { expression: "result[0] == 'one'", everyMs: 20, timeoutMs: 5_000 },
		});
		expect(result).toEqual(["one"]);
	});

	it("asks the node that the reference names then", async () => {
		const moved: Topology = {
			...topology,
			members: topology.members.map((m) => ({ ...m, role: m.role === "master" ? "replica" : "master" })),
		};
		let looks = 0;
		const test = testRun({ readTopology: () => (++looks < 3 ? topology : moved) });
		const { result } = await run(test, "ROLE", {
			until: { expression: "result[0] == 'slave'", everyMs: 10, timeoutMs: 5_000 },
		});
		expect(result).toEqual(expect.arrayContaining(["slave"]));
		expect(new Set(test.sent.map((s) => s.node))).toEqual(new Set(["cache-1", "cache-2"]));
	});

	it("waits while nobody has the role", async () => {
		const vacant: Topology = { ...topology, members: topology.members.filter((m) => m.role !== "master") };
		let looks = 0;
		const test = testRun({ readTopology: () => (++looks < 4 ? vacant : topology) });
		const { problem } = await run(test, "GET counted", {
			until: { expression: `result == 'never'`, everyMs: 10, timeoutMs: 300 },
		});
		expect(problem?.code).toBe("timeout");
		expect(looks).toBeGreaterThan(4);
	});

	it("outlasts a node that is frozen", async () => {
		const test = testRun();
		redis.signal(1, "SIGSTOP");
		try {
			const { problem } = await run(test, "@orders.replica GET a", {
				until: { expression: "result == 'never'", everyMs: 50, timeoutMs: 1_500 },
			});
			expect(problem?.code).toMatch(/timeout/);
		} finally {
			redis.signal(1, "SIGCONT");
		}
	}, 20_000);
});

it("tells no password and no hash of one, and still whether there is one", async () => {
	await redis.cli(["CONFIG", "SET", "masterauth", "another-set's-password"]);
	await redis.cli(["ACL", "SETUSER", "app", "on", ">the-app-password", "+ping"]);
	try {
		const test = testRun();
		const { result } = await run(test, "CONFIG GET *auth*");
		expect(result).toMatchObject({ masterauth: "********" });
		const inside = await run(test, "MULTI\nCONFIG GET requirepass\nCONFIG GET masterauth\nEXEC");
		expect(inside.result).toEqual([{ requirepass: "" }, { masterauth: "********" }]);
		const user = await run(test, "ACL GETUSER app");
		expect(user.result).toMatchObject({ passwords: ["********"], commands: expect.stringContaining("+ping") });
		const list = await run(test, "ACL LIST");
		expect(JSON.stringify(list.result)).toMatch(/user app on (sanitize-payload )?#\*{8} /);
		const shown = test.shown();
		expect(shown).toContain("masterauth");
		expect(shown).not.toMatch(/another-set|[0-9a-f]{64}/);
	} finally {
		await redis.cli(["CONFIG", "SET", "masterauth", ""]);
		await redis.cli(["ACL", "DELUSER", "app"]);
	}
});
