import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import { startTestRedis, type TestRedis } from "../../steps/redis/test-redis.ts";
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

function fence(word: string, attributes: Record<string, string>, body: string): string {
	return `\`\`\`${word} ${JSON.stringify(attributes)}\n${body}\n\`\`\`\n`;
}

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
	const cast = new TextDecoder().decode(await bench.folder.recordings.read(session, run));
	const shown = new TextDecoder().decode(recordingBytes(decodeRecording(cast).events));
	expect(shown).toContain(`${token.length}\r\n`);
	expect(shown).not.toContain(token);
	const events = bench.folder.events.read(session).filter((event) => JSON.stringify(event).includes(run));
	expect(JSON.stringify(events.filter((event) => event.type !== "run.requested"))).not.toContain(token);
	expect(bench.sessions.state(session).values["api_token"]).toMatchObject({ secret: true });
	expect(bench.sessions.state(session).values["api_token"]?.value).toBeUndefined();
});
