import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JoinedEvent } from "../../core/session-event.ts";
import { startTestRedis } from "../../steps/redis/test-redis.ts";
import { eventsOf, fence, finishedOf, sh, useCliFolder } from "../../test/support/cli-folder.ts";
import { cliCommand, startCli } from "../../test/support/cli-process.ts";

const cli = useCliFolder();

const pidsIn = (file: string) =>
	existsSync(file) ? (readFileSync(file, "utf8").match(/^\d+$/gm) ?? []).map(Number) : [];
function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
	} catch {
		return false;
	}
}

test("takes a secret from a file or a variable; given by --set it warns, and what is written over is printed masked", async () => {
	const file = join(cli.path, "secret.md");
	const front = "---\nparameters:\n  pass_one: { type: secret }\n  pass_two: { type: secret }\n---\n\n";
	const script = "printf 'XXXX-%s\\rfile\\n' \"${pass_one#file-}\"; test \"$pass_two\" = $'of two\\nlines'";
	writeFileSync(file, front + sh("use", script));
	writeFileSync(join(cli.path, "one"), "file-secret\n");
	const env = { ...process.env, PASS_OF_RUN: "of two\nlines" };
	const given = ["--data", cli.data, "--yes", "--set-env", "pass_two=PASS_OF_RUN"];
	const quiet = await startCli(["run", file, ...given, "--set-file", "pass_one=one"], cli.path, env).ended;
	expect(quiet.err).toBe("");
	expect(quiet.code).toBe(0);
	expect(quiet.out).toContain("    ********\n");
	const warned = await startCli(["run", file, ...given, "--set", "pass_one=file-secret"], cli.path, env).ended;
	expect(warned.code).toBe(0);
	expect(warned.err).toMatch(/^'pass_one' is a secret.*--set-file pass_one=FILE.*\n$/);
	expect(warned.out + warned.err).not.toContain("file-secret");

	for (const wrong of ["--set-file pass_one=nowhere", "--set-env pass_one=NOT_SET_ANYWHERE", "--set-file pass_one"]) {
		expect((await cli.runledger("run", file, "--yes", ...wrong.split(" "))).code).toBe(2);
	}
});

test("tells one joined event a line, ends with session.closed and 0; then the record is listed, exported and verified", async () => {
	const file = cli.runbook(
		"fine.md",
		sh("one", "echo hello"),
		sh("two", "echo $((1+1))", { expect: "output.contains('2')" }),
	);
	const { code, out } = await cli.runledger("run", file, "--yes", "--json");
	expect(code).toBe(0);
	const list = eventsOf(out);
	expect(list[0]?.type).toBe("session.opened");
	expect(list.map((event) => event.seq)).toEqual(list.map((_, i) => i + 1));
	expect(finishedOf(list)).toMatchObject([
		{
			step: "one",
			outcome: "succeeded",
			exitCode: 0,
			recording: {
				file: expect.stringMatching(/^recordings\/.+\.cast$/),
				sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
				bytes: expect.any(Number),
			},
		},
		{ step: "two", outcome: "succeeded", checked: true },
	]);
	expect(list.at(-1)).toMatchObject({ type: "session.closed", data: { outcome: "resolved" } });
	expect(list.at(-1)).toMatchObject({ data: { summary: { content: "2 of 2 steps succeeded." } } });

	const session = list[0]?.stream ?? "";
	const sessions = await cli.runledger("sessions", "--json");
	expect(JSON.parse(sessions.out)).toMatchObject({ session, state: "closed", outcome: "resolved", runbook: file });
	const zip = join(cli.path, "out.zip");
	expect((await cli.runledger("export", session, "--out", zip)).code).toBe(0);
	expect((await cli.runledger("export", session, "--out", join(cli.path, "out"))).code).toBe(0);
	for (const { recording } of finishedOf(list) as { recording: { file: string; sha256: string; bytes: number } }[]) {
		const cast = readFileSync(join(cli.path, "out", recording.file));
		expect(cast.length).toBe(recording.bytes);
		expect(createHash("sha256").update(cast).digest("hex")).toBe(recording.sha256);
	}
	for (const place of [cli.data, zip, join(cli.path, "out")]) {
		const { code: whole, out: report } = await cli.start("verify", place, "--json").ended;
		const told = JSON.parse(report);
		expect(Object.keys(told)).toEqual(["ok", "checked", "firstBad", "reason", "cannotTell"]);
		expect(told).toMatchObject({ ok: true, firstBad: null, reason: null, checked: { recordings: 2 } });
		expect(Object.keys(told.checked)).toEqual(["events", "recordings", "bytes"]);
		expect(told.cannotTell.join("\n")).toContain("root");
		expect(whole).toBe(0);
	}
	const events_ = join(cli.path, "out", "events.jsonl");
	writeFileSync(events_, readFileSync(events_, "utf8").replace("resolved", "mitigated"));
	const bad = await cli.start("verify", join(cli.path, "out"), "--json").ended;
	expect(bad.code).toBe(1);
	expect(JSON.parse(bad.out).ok).toBe(false);
}, 60_000);

test.each([
	["declared", ["--set", "n=1"], "'reason', 'cluster' have no value", "--set reason=VALUE --target cluster=CLUSTER"],
	["blank", ["--set", "reason= ", "--target", "cluster=x", "--set", "n=1"], "'reason' has", "--set reason=VALUE"],
	["malformed", ["--set", "reason=x", "--target", "cluster=local", "--set", "n=1x"], "wants a number", ""],
	["no target", ["--set", "reason=x", "--set", "cluster=x", "--set", "n=1"], "no target 'x'", "--target cluster="],
	["found", [], "'FOO', 'THING' have no value", "--set FOO=VALUE --set THING=VALUE"],
	["only", ["--only", "b"], "'THING' has no value", "--set THING=VALUE"],
])(
	"begins nothing and ends with 2 when a parameter has no value or an unusable one: %s",
	async (what, args, wanted, next) => {
		const declared = cli.runbook("declared.md", sh("a", "echo $reason"));
		const parameters =
			"parameters:\n  reason: { type: string, required: true }\n  cluster: { type: target }\n  n: { type: number }\n";
		writeFileSync(declared, `---\n${parameters}---\n${readFileSync(declared, "utf8")}`);
		const found = cli.runbook("found.md", sh("a", "echo $FOO"), sh("b", "echo <thing>"));
		const isFound = what === "found" || what === "only";
		const { code, out, err } = await cli.runledger("run", isFound ? found : declared, "--yes", "--json", ...args);
		expect(code).toBe(2);
		expect(out).toBe("");
		expect(err).toContain(wanted);
		expect(err).toContain(next);
		expect((await cli.runledger("sessions", "--json")).out).toBe("");
	},
);

test("begins nothing and ends with 2 when a plain parameter holds a secret, which it does not print", async () => {
	const file = cli.runbook("within.md", sh("a", 'curl -H "$API_TOKEN" "$WORD"'));
	const given = ["--set-env", "API_TOKEN=TOK", "--set", "WORD=https://u:sup3rS3cretValue@h/"];
	const env = { ...process.env, TOK: "sup3rS3cretValue" };
	const { code, out, err } = await startCli(["run", file, "--data", cli.data, "--yes", ...given], cli.path, env).ended;
	expect(code).toBe(2);
	expect(err).toContain("'WORD' holds the value of 'API_TOKEN'");
	expect(out + err).not.toContain("sup3rS3cretValue");
	expect((await cli.runledger("sessions", "--json")).out).toBe("");
});

test("a step that runs alone needs only what it asks for", async () => {
	const file = cli.runbook("found.md", sh("a", "echo $FOO"), sh("b", "echo <thing>"));
	expect((await cli.runledger("run", file, "--yes", "--only", "b", "--set", "THING=x")).code).toBe(0);
});

test("ends with the first failure and 1; the rest is not run", async () => {
	const file = cli.runbook("fails.md", sh("one", "exit 3"), sh("two", "echo never"));
	const { code, out } = await cli.runledger("run", file, "--yes", "--json");
	expect(code).toBe(1);
	const list = eventsOf(out);
	expect(finishedOf(list)).toMatchObject([{ step: "one", outcome: "failed", exitCode: 3 }]);
	expect(finishedOf(list)).toMatchObject([{ problem: { content: expect.stringContaining("command-failed") } }]);
	expect(list.at(-1)).toMatchObject({ type: "session.closed", data: { outcome: "failed" } });
});

test("a manual step is never answered by --yes: it is recorded as not attested, and the walk goes on", async () => {
	const manual = `${fence}manual {"name":"tell-them"}\nTell the team.\n${fence}`;
	const file = cli.runbook("manual.md", manual, sh("after", "echo done"));
	const { code, out } = await cli.runledger("run", file, "--yes", "--json");
	expect(code).toBe(0);
	const list = eventsOf(out);
	expect(list.find((event) => event.type === "step.skipped")?.data).toMatchObject({
		step: "tell-them",
		reason: { content: "not attested" },
	});
	expect(finishedOf(list)).toMatchObject([{ step: "after", outcome: "succeeded" }]);
});

test("values are set by name, and a missing, unknown or doubled one is usage", async () => {
	const file = join(cli.path, "values.md");
	writeFileSync(
		file,
		`---\ntitle: Values\nparameters:\n  who: { type: string, required: true }\n---\n\n${sh("greet", 'echo "hello $who"')}\n`,
	);
	const fine = await cli.runledger("run", file, "--set", "who=Ann; id", "--yes");
	expect(fine.code).toBe(0);
	expect(fine.out).toContain("    hello Ann; id\n");
	expect((await cli.runledger("run", file, "--yes")).code).toBe(2);
	expect((await cli.runledger("run", file, "--set", "who=a", "--set", "whom=b", "--yes")).code).toBe(2);
	expect((await cli.runledger("run", file, "--set", "who=a", "--set", "who=b", "--yes")).code).toBe(2);
	expect((await cli.runledger("run", file, "--set", "who")).code).toBe(2);
});

test("--only runs what it names; an unknown name is usage", async () => {
	const file = cli.runbook("only.md", sh("one", "echo 1"), sh("two", "echo 2"));
	const { code, out } = await cli.runledger("run", file, "--only", "two", "--yes", "--json");
	expect(code).toBe(0);
	expect(finishedOf(eventsOf(out)).map(({ step }) => step)).toEqual(["two"]);
	// It is said to be a part, and is no failure.
	expect(eventsOf(out).at(-1)).toMatchObject({
		type: "session.closed",
		data: { outcome: "partial", summary: { content: "1 of 2 steps, as asked by --only: 1 succeeded." } },
	});
	expect((await cli.runledger("sessions")).out).toMatch(/closed +partial +1\/2 /);
	expect((await cli.runledger("run", file, "--only", "three", "--yes")).code).toBe(2);
});

test("without --yes and without a terminal, what asks is not run", async () => {
	const { code, err, out } = await cli.runledger(
		"run",
		cli.runbook("asks.md", sh("change", "echo x", { risk: "change" })),
	);
	expect(code).toBe(2);
	expect(out + err).toContain("--yes");
});

test("a destructive step outside a lab needs its target's name", async () => {
	const file = cli.runbook("drop.md", sh("drop", "echo dropped", { risk: "destructive" }));
	const refused = await cli.runledger("run", file, "--yes", "--json");
	expect(refused.code).toBe(2);
	expect(finishedOf(eventsOf(refused.out))).toEqual([]);
	expect((await cli.runledger("run", file, "--yes", "--confirm", "orders")).code).toBe(2);
	expect((await cli.runledger("run", file, "--yes", "--confirm", "local")).code).toBe(0);
});

test("the name that it needs is that of the cluster that is destroyed, also by a finally", async () => {
	const redis = await startTestRedis();
	try {
		const target = `kind: redis, endpoints: ["127.0.0.1:${redis.ports[0]}"]`;
		const config = join(cli.path, "clusters.yaml");
		writeFileSync(
			config,
			`targets:\n  looked: { ${target}, environment: staging }\n  gone: { ${target}, environment: production }\n`,
		);
		const step = { name: "look", target: "looked.master", finally: "@gone.master FLUSHALL" };
		const file = cli.runbook("elsewhere.md", `${fence}redis ${JSON.stringify(step)}\nPING\n${fence}`);
		const walk = (name: string) => cli.runledger("run", file, "--config", config, "--yes", "--confirm", name);
		await redis.cli(["SET", "kept", "1"]);
		const refused = await walk("looked");
		expect(refused.code).toBe(2);
		expect(refused.err).toContain("Add --confirm gone.");
		expect((await redis.cli(["EXISTS", "kept"])).toString()).toContain("1");
		expect((await walk("gone")).code).toBe(0);
		expect((await redis.cli(["EXISTS", "kept"])).toString()).toContain("0");
	} finally {
		await redis.close();
	}
});

test("a runbook with errors ends with 2 and says where", async () => {
	const file = cli.runbook("bad.md", sh("same", "echo 1"), sh("same", "echo 2"));
	const { code, err } = await cli.runledger("run", file, "--yes");
	expect(code).toBe(2);
	expect(err).toContain("step-name-duplicate");
	expect((await cli.runledger("run", join(cli.path, "gone.md"))).code).toBe(2);
});

test("a record that can't be written ends with 3", async () => {
	const file = cli.runbook("fine.md", sh("one", "echo hello"));
	writeFileSync(join(cli.path, "a-file"), "");
	expect((await cli.start("run", file, "--yes", "--data", join(cli.path, "a-file")).ended).code).toBe(3);
});

test("Ctrl+C cancels what runs, and the record says so", async () => {
	const pids = join(cli.path, "pids");
	const file = cli.runbook(
		"long.md",
		sh("long", `setsid sleep 61 & echo $! > ${pids}; sleep 60 & echo $! >> ${pids}; wait`),
		sh("after", "echo never"),
	);
	const { child, ended } = cli.start("run", file, "--yes", "--json", "--data", cli.data);
	await expect.poll(() => pidsIn(pids), { timeout: 15_000 }).toHaveLength(2);
	child.kill("SIGINT");
	const { code, out } = await ended;
	expect(code).toBe(1);
	// Neither what it started nor what had left its process group.
	expect(pidsIn(pids).filter(isAlive)).toEqual([]);
	expect(finishedOf(eventsOf(out))).toMatchObject([{ step: "long", outcome: "cancelled" }]);
	expect(eventsOf(out).at(-1)).toMatchObject({ type: "session.closed", data: { outcome: "abandoned" } });
	expect(cancelsOf(eventsOf(out))).toEqual([expect.not.stringMatching(/^system/)]);
});

/** Who asked to cancel, and why. */
const cancelsOf = (events: readonly JoinedEvent[]) =>
	events
		.filter(({ type }) => type === "run.cancel-requested")
		.map(({ actor, data }) => `${actor.id}: ${(data.reason as { content?: string } | undefined)?.content}`);

test("a command that is ended by a signal names no person for it", async () => {
	const file = cli.runbook("long.md", sh("long", "echo begun; sleep 60"));
	const { child, said, ended } = cli.start("run", file, "--yes", "--json", "--data", cli.data);
	await expect.poll(() => said.out, { timeout: 15_000 }).toContain('"run.started"');
	child.kill("SIGTERM");
	const { out } = await ended;
	expect(cancelsOf(eventsOf(out))).toEqual(["system: The command was ended by SIGTERM."]);
	expect(out).not.toMatch(/person cancelled|Cancelled at/);
	const exported = join(cli.path, "exported");
	await cli.runledger("export", String(eventsOf(out)[0]?.stream), "--out", exported);
	expect(readFileSync(join(exported, "account.txt"), "utf8")).toMatch(
		/ system: asked to cancel run \S+, because: The command was ended by SIGTERM\./,
	);
	expect((await cli.runledger("verify", cli.data)).code).toBe(0);
});

test("a command whose output can't be written gives up in its own name", async () => {
	const file = cli.runbook("long.md", sh("long", "echo begun; sleep 60"));
	const command = [...cliCommand, "run", file, "--yes", "--json", "--data", cli.data];
	const { status } = spawnSync("sh", ["-c", 'exec "$@" > /dev/full', "sh", ...command], { cwd: cli.path });
	expect(status).toBe(1);
	const { session } = JSON.parse((await cli.runledger("sessions", "--json")).out);
	const exported = join(cli.path, "exported");
	await cli.runledger("export", session, "--out", exported);
	const account = readFileSync(join(exported, "account.txt"), "utf8");
	expect(account).toContain("The output of the command could not be written (ENOSPC)");
	expect(account).not.toMatch(/person cancelled|Cancelled at/);
	for (const line of account.match(/.*asked to cancel.*/g) ?? []) expect(line).toContain(" system: asked to cancel");
});
