import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { RecordSearch } from "../../server/record-search.ts";
import { startTestRedis, type TestRedis } from "../../steps/redis/test-redis.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let redis: TestRedis;
let bench: TestSessions;

beforeAll(async () => {
	redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
	bench = await openTestSessions({ targets: [redis.target] });
});
afterEach(() => bench.close());

const token = "zzz-very-secret-token";
const take = (more: Record<string, string> = {}) =>
	fence("sh", { name: "take", capture: "api_token=output.trim()", ...more }, "printf 'zzz-very-%s-token' secret");
const use = (more: Record<string, string> = {}) =>
	fence("redis", { name: "use", target: "orders.master", ...more }, "SET key {{api_token}}");

it("can't stand in a recorded command, alone as in a group, also when an earlier attempt captured it", async () => {
	const refused = { problem: { code: "value-missing", detail: expect.stringContaining("`api_token` is a secret") } };
	const alone = await bench.open(take() + use());
	await bench.run(alone, "take");
	await expect(bench.sessions.plan(alone, "use")).rejects.toMatchObject(refused);
	const group = await bench.open(take({ group: "g" }) + use({ group: "g" }));
	await expect(bench.sessions.plan(group, "g")).rejects.toMatchObject(refused);
	const again = await bench.open(take() + take({ name: "anew", group: "g" }) + use({ group: "g" }));
	await bench.run(again, "take");
	await expect(bench.sessions.plan(again, "g")).rejects.toMatchObject(refused);
	expect((await redis.cli(["EXISTS", "key"])).toString()).toContain("0");
});

it("reaches the next script of a group as a variable, is masked in what that prints, and is in none of its events", async () => {
	const session = await bench.open(
		take({ group: "g", finally: "true" }) +
			fence("sh", { name: "show", group: "g" }, 'echo "token $api_token"; printf %s "$api_token" | wc -c'),
	);
	const { plan } = await bench.sessions.plan(session, "g");
	expect(plan.steps[1]?.secrets).toEqual(["api_token"]);
	const { outcome, runs } = await bench.run(session, "g");
	expect(outcome).toBe("succeeded");
	const run = runs[1]?.run ?? "";
	const shown = await bench.output(session, run);
	expect(shown).toContain(`${token.length}\r\n`);
	expect(shown).not.toContain(token);
	const events = bench.folder.events.read(session).filter((event) => JSON.stringify(event).includes(run));
	expect(JSON.stringify(events.filter((event) => event.type !== "run.requested"))).not.toContain(token);
	expect(bench.sessions.state(session).values["api_token"]).toMatchObject({ secret: true });
	expect(bench.sessions.state(session).values["api_token"]?.value).toBeUndefined();
});

it.each([
	["a text", ["SET", "held", token], "GET held", "api_token=result"],
	["a list", ["RPUSH", "held", "name", token], "LRANGE held 0 -1", "api_tokens=result"],
])("is masked in the result of the step that captures it: %s", async (_, given, command, capture) => {
	await redis.cli(["DEL", "held"]);
	await redis.cli(given);
	const session = await bench.open(
		fence("redis", { name: "take", target: "orders.master", capture, expect: "size(result) > 0" }, command),
	);
	const { outcome, runs } = await bench.run(session, "take");
	expect(outcome).toBe("succeeded");
	expect(runs[0]?.result?.content).toContain("********");
	expect(JSON.stringify(bench.folder.events.read(session))).not.toContain(token);
	expect(Object.values(bench.sessions.state(session).values)).toMatchObject([{ secret: true }]);
});

it("is refused, by its name, when it is too short to be masked", async () => {
	await redis.cli(["SET", "held", "abc"]);
	const session = await bench.open(
		fence("redis", { name: "take", target: "orders.master", capture: "pin=result" }, "GET held"),
	);
	const { outcome, runs } = await bench.run(session, "take");
	expect(outcome).toBe("failed");
	expect(JSON.parse(runs[0]?.problem?.content ?? "{}")).toMatchObject({
		code: "parameter-invalid",
		detail: expect.stringContaining("`pin` has fewer than 4 characters"),
	});
	expect(bench.sessions.state(session).values["pin"]).toBeUndefined();
});

it("is masked in the texts that are made of an output in which it is put together, also when the session is closed at once", async () => {
	const search = new RecordSearch(bench.folder, pino({ level: "silent" }), (session) => bench.sessions.maskOf(session));
	const front = "---\nparameters:\n  api_token: { type: secret }\n---\n";
	// Its fourth character comes after what is written over, by a backspace and by a movement of the cursor.
	const ways = ["\\b", "\\033[1D"].map((back) => `printf 'moved %s${back}%s\\n' zzzX "\${api_token#zzz}"`);
	const written = front + fence("sh", { name: "show", capture: "seen=output" }, ways.join("\n"));
	const session = await bench.open(written, { api_token: token });
	const { runs } = await bench.run(session, "show");
	await bench.sessions.close(session, "resolved", "It was shown.", bench.alice);
	const cast = new TextDecoder().decode(await bench.folder.recordings.read(session, runs[0]?.run ?? ""));
	expect(cast).toContain("very-secret-token");
	const { seen } = JSON.parse(runs[0]?.captured?.content ?? "{}") as { seen: string };
	expect(seen).toContain("moved ********");
	expect(seen).not.toContain(token);
	const hits = await search.find("moved", [session]);
	expect(hits.some(({ snippet }) => snippet.includes("moved ********"))).toBe(true);
	expect(JSON.stringify(await search.find("secret", [session]))).not.toContain(token);
	await search.close();
});

it("is masked in what the search finds of the output that it was captured from", async () => {
	const search = new RecordSearch(bench.folder, pino({ level: "silent" }), (session) => bench.sessions.maskOf(session));
	const session = await bench.open(take());
	await bench.run(session, "take");
	await bench.sessions.close(session, "resolved", "It was taken.", bench.alice);
	const found = await search.find("zzz", [session]);
	expect(found.filter(({ where }) => where === "output")).toEqual([]);
	expect(JSON.stringify(found)).not.toContain(token);
	await search.close();
});
