import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { startTestRedis, type TestRedis } from "../../steps/redis/test-redis.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let redis: TestRedis;
let bench: TestSessions;
const ownPassword = "orders-own-password";

beforeAll(async () => {
	redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
	const target = { ...redis.target, config: { ...(redis.target.config as object), password: { env: "PASSWORD" } } };
	bench = await openTestSessions({ targets: [target], readSecret: () => ownPassword });
});
afterEach(() => bench.close());

const ping = { name: "ping", target: "orders.master" };
const front = "---\nparameters:\n  db_password: { type: secret }\n  site: { type: string, default: here }\n---\n";

function shown(session: string, run: string | undefined): Promise<string> {
	return bench.output(session, run ?? "");
}

const recorded = (session: string) => JSON.stringify(bench.folder.events.read(session));

it("a target's own password is in no recording, no result and no captured value of a session that uses it", async () => {
	await redis.cli(["CONFIG", "SET", "requirepass", ownPassword]);
	try {
		const session = await bench.open(
			fence("redis", { name: "ask", target: "orders.master", capture: "seen=result" }, "CONFIG GET *pass*") +
				fence("redis", { name: "held", target: "orders.master", capture: "found=result" }, `GET held`) +
				fence("sh", { name: "use" }, 'echo "$found" | wc -c; echo "is $found"'),
		);
		await redis.cli(["-a", ownPassword, "SET", "held", `it is ${ownPassword}`]);
		const asked = await bench.run(session, "ask");
		expect(asked.outcome).toBe("succeeded");
		expect(await shown(session, asked.runs[0]?.run)).toContain("********");
		const held = await bench.run(session, "held");
		expect(held.outcome).toBe("succeeded");
		expect(bench.sessions.state(session).values["found"]).toMatchObject({ secret: true });
		const used = await bench.run(session, "use");
		expect(await shown(session, used.runs[0]?.run)).toMatch(/26\r\nis \*{8}\r\n/);
		expect(recorded(session)).not.toContain(ownPassword);
		expect(await shown(session, held.runs[0]?.run)).not.toContain(ownPassword);
	} finally {
		await redis.cli(["-a", ownPassword, "CONFIG", "SET", "requirepass", ""]);
	}
});

it("a secret that was replaced stays masked, in what was made of it and wherever it is printed", async () => {
	const session = await bench.open(
		front +
			fence("sh", { name: "make" }, 'export PGURL="postgres://u:$db_password@h/db"') +
			fence("sh", { name: "rotate" }, "export API_TOKEN=first-token-of-two") +
			fence("sh", { name: "again" }, 'export OLD="$API_TOKEN" API_TOKEN=second-token-of-two') +
			fence("sh", { name: "print" }, 'echo "$PGURL $OLD"'),
		{ db_password: "the-old-password" },
	);
	await bench.run(session, "make");
	await bench.run(session, "rotate");
	await bench.run(session, "again");
	await bench.sessions.setValue(session, "db_password", "the-new-password", bench.alice);
	const { outcome, runs } = await bench.run(session, "print");
	expect(outcome).toBe("succeeded");
	expect(await shown(session, runs[0]?.run)).toContain("postgres://u:********@h/db ********");
	expect(JSON.stringify(runs)).not.toContain("the-old-password");
});

it("refuses further values of secrets when there have been too many to mask, and what was known is still taken", async () => {
	const session = await bench.open(front + fence("sh", { name: "look" }, "true"), { db_password: "password-number-0" });
	for (let n = 1; n < 100; n++) {
		await bench.sessions.setValue(session, "db_password", `password-number-${n}`, bench.alice);
	}
	const refused = { problem: { code: "too-many-secrets" } };
	const more = bench.sessions.setValue(session, "db_password", "password-number-100", bench.alice);
	await expect(more).rejects.toMatchObject(refused);
	await bench.sessions.setValue(session, "db_password", "password-number-7", bench.alice);
	// What a step would find or export could not be masked either.
	await expect(bench.run(session, "look")).rejects.toMatchObject(refused);
});

it("secrets that are too long together are refused as too many are", async () => {
	const session = await bench.open(front + fence("sh", { name: "look" }, "true"), { db_password: "the-first-of-them" });
	const give = (letter: string) => bench.sessions.setValue(session, "db_password", letter.repeat(600_000), bench.alice);
	await give("a");
	await give("b");
	await expect(give("c")).rejects.toMatchObject({ problem: { code: "too-many-secrets" } });
});

it("what a step captures in place of a secret is one, whatever it is", async () => {
	const session = await bench.open(
		"---\nparameters:\n  login: { type: secret }\n---\n" +
			fence("sh", { name: "renew", capture: "login=result" }, "echo fresh-from-the-vault"),
		{ login: "the-one-before" },
	);
	expect((await bench.run(session, "renew")).outcome).toBe("succeeded");
	expect(bench.sessions.state(session).values["login"]).toMatchObject({ secret: true });
	expect(recorded(session)).not.toMatch(/"fresh-from-the-vault/);
});

it("a secret that stands in the runbook already is kept out of no edit of that step", async () => {
	const session = await bench.open(front + fence("sh", { name: "look" }, "echo demo-password\necho more"), {
		db_password: "demo-password",
	});
	const { sessions, alice } = bench;
	expect((await sessions.plan(session, "look", "echo demo-password")).plan.steps).toHaveLength(1);
	await sessions.editStep(session, "look", "echo demo-password\necho else", "", alice);
	expect(sessions.state(session).steps["look"]?.edited?.body.content).toContain("echo else");
});

it("a secret that a person writes is masked in what they say and refused, by its name, in what would run", async () => {
	const secret = "typed-by-mistake";
	const session = await bench.open(
		front +
			fence("sh", { name: "look" }, "echo seen\necho more") +
			fence("sh", { name: "skipped" }, "true") +
			fence("manual", { name: "ask" }, "Look at it.\n\n- [ ] It was seen"),
		{ db_password: secret },
	);
	const { sessions, alice } = bench;
	const refused = {
		problem: {
			code: "secret-in-text",
			detail: expect.stringContaining("`db_password`"),
			next: expect.stringContaining('"$db_password"'),
		},
	};
	const edit = (body: string, why: string) => sessions.editStep(session, "look", body, why, alice);
	await expect(edit(`PGPASSWORD=${secret} psql`, "try")).rejects.toMatchObject(refused);
	await expect(
		sessions.addStep(session, { after: null, type: "shell", title: "Try", body: `echo ${secret}` }, alice),
	).rejects.toMatchObject(refused);
	await expect(
		sessions.addStep(session, { after: null, type: "shell", title: `With ${secret}`, body: "true" }, alice),
	).rejects.toMatchObject(refused);
	await expect(sessions.setValue(session, "site", `u:${secret}@h`, alice)).rejects.toMatchObject(refused);
	const selection = `echo ${secret}`;
	await expect(
		sessions
			.plan(session, "look", selection)
			.then(({ plan, confirmation }) =>
				sessions.request(session, { unit: "look", planDigest: plan.digest, confirmation, selection }, alice),
			),
	).rejects.toMatchObject(refused);

	const { plan, confirmation } = await sessions.plan(session, "ask");
	const asked = { unit: "ask", planDigest: plan.digest, confirmation };
	const { runs, finished } = await sessions.request(session, asked, alice);
	const answers = { checked: [true], text: `it was set to ${secret}`, [secret]: [{ deep: `nested ${secret}` }] };
	const answer = () => sessions.answer(session, runs[0] ?? "", answers, [], alice).catch(() => null);
	await expect.poll(answer, { timeout: 20_000 }).toEqual(expect.any(Number));
	expect((await finished).outcome).toBe("succeeded");

	await edit("echo else", `because ${secret} was wrong`);
	await sessions.skipStep(session, "skipped", `it wants ${secret}`, alice);
	await sessions.addNote(session, { text: `we used ${secret} here`, attachments: [] }, alice);
	await sessions.close(session, "resolved", `changed ${secret}`, alice);
	expect(recorded(session)).not.toContain(secret);
	for (const said of [
		"was set to ********",
		"nested ********",
		"because ********",
		"it wants ********",
		"we used ********",
		"changed ********",
	]) {
		expect(recorded(session)).toContain(said);
	}
});

it("a secret that stands in the ticket is masked from the first event on", async () => {
	bench.runbooks.set("ticket.md", front + fence("sh", { name: "look" }, "true"));
	const values = { db_password: "typed-by-mistake" };
	const opening = { path: "ticket.md", kind: "change" as const, ticket: "OPS-1 typed-by-mistake", values };
	const session = await bench.sessions.open(opening, bench.alice);
	expect(recorded(session)).not.toContain("typed-by-mistake");
	expect(recorded(session)).toContain("OPS-1 ********");
});

it("a secret within a plain parameter is refused at the opening by both names, and nothing begins", async () => {
	const steps = fence("sh", { name: "look" }, 'curl -H "$API_TOKEN" "$site"') + fence("redis", ping, "PING");
	bench.runbooks.set("within.md", front + steps);
	const open = (values: Record<string, JsonValue>) =>
		bench.sessions.open({ path: "within.md", kind: "change", values }, bench.alice);
	const given = { API_TOKEN: "sup3r/S3cret", db_password: "typed-by-mistake" };
	for (const [held, secret] of [
		["https://u:sup3r/S3cret@h/", "API_TOKEN"],
		["sup3r%2FS3cret", "API_TOKEN"],
		["of-typed-by-mistake", "db_password"],
		[`of the target: ${ownPassword}`, "orders: "],
	] as const) {
		await expect(open({ ...given, site: held })).rejects.toMatchObject({
			problem: {
				code: "secret-in-text",
				detail: expect.stringMatching(new RegExp(`^.site. holds .*${secret}`)),
				data: { parameter: "site" },
			},
		});
	}
	expect(bench.sessions.list()).toEqual([]);
	const session = await open({ ...given, site: "https://h/" });
	expect(recorded(session)).toContain("https://h/");
});

it("a secret is found in every text and name of a value that is a list or a map, set later or at the opening", async () => {
	const source =
		"---\nparameters:\n  db_password: { type: secret }\n  pin: { type: secret }\n  site: { type: string }\n---\n" +
		fence("sh", { name: "look", capture: "found=result" }, "echo seen");
	const given = { db_password: "typed-by-mistake", pin: 'p"9\\' };
	const session = await bench.open(source, given);
	bench.runbooks.set("within.md", source);
	for (const value of [
		{ a: "typed-by-mistake" },
		["q", { b: "z typed-by-mistake" }],
		{ deep: [{ "is typed-by-mistake": 1 }] },
		{ a: given.pin },
		[[{ [given.pin]: null }]],
	]) {
		for (const name of ["found", "site"]) {
			await expect(bench.sessions.setValue(session, name, value, bench.alice)).rejects.toMatchObject({
				problem: { code: "secret-in-text", data: { parameter: name } },
			});
		}
		const values: Record<string, JsonValue> = { ...given, site: value };
		await expect(bench.sessions.open({ path: "within.md", kind: "change", values }, bench.alice)).rejects.toMatchObject(
			{ problem: { code: "secret-in-text", data: { parameter: "site" } } },
		);
	}
	await bench.sessions.setValue(session, "pin", "90125", bench.alice);
	const counted = bench.sessions.setValue(session, "found", [{ n: 90_125 }], bench.alice);
	await expect(counted).rejects.toMatchObject({ problem: { code: "secret-in-text" } });
	await bench.sessions.setValue(session, "found", { a: ["fine"] }, bench.alice);
	expect(recorded(session)).not.toContain("typed-by-mistake");
	expect(bench.sessions.list()).toHaveLength(1);
});

it("a default stands in the recorded runbook already, and a target's name is no text: neither is kept out", async () => {
	bench.runbooks.set(
		"default.md",
		`---\nparameters:\n  db_password: { type: secret }\n  cluster: { type: target }\n  site: { type: string, default: demo-password.example }\n---\n${fence("sh", { name: "look" }, "true")}`,
	);
	const opening = { path: "default.md", kind: "change" as const };
	for (const values of [
		{ db_password: "demo-password", cluster: "orders" },
		{ db_password: "orders", cluster: "orders" },
	]) {
		await bench.sessions.open({ ...opening, values }, bench.alice);
	}
	expect(bench.sessions.list()).toHaveLength(2);
});

it("a secret that a script exports is refused when it is too short to be masked", async () => {
	const session = await bench.open(
		fence("sh", { name: "export" }, "export PIN=123") + fence("sh", { name: "use" }, 'echo "is $PIN."'),
	);
	const { outcome, runs } = await bench.run(session, "export");
	expect(outcome).toBe("failed");
	expect(runs[0]?.problem?.content).toContain("`PIN` has fewer than 4 characters");
	const used = await bench.run(session, "use").catch(() => null);
	expect(await shown(session, used?.runs[0]?.run).catch(() => "")).not.toContain("123");
});
