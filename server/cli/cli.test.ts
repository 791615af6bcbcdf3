import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JoinedEvent } from "../../core/session-event.ts";
import { startTestRedis } from "../../steps/redis/test-redis.ts";
import { cliCommand, startCli } from "../../test/support/cli-process.ts";
import {
	connectPage,
	type ServerProcess,
	signInByLink,
	startServerProcess,
} from "../../test/support/server-process.ts";

let folder: string;
let data: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cli-"));
	data = join(folder, "data");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (args: string[]) => startCli(args, folder);
const runledger = (...args: string[]) => start([...args, "--data", data]).ended;

function runbook(name: string, ...blocks: string[]): string {
	const file = join(folder, name);
	writeFileSync(file, `# ${name}\n\n${blocks.join("\n\n")}\n`);
	return file;
}

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

const fence = "```";
const sh = (name: string, body: string, more: Record<string, string> = {}) =>
	`${fence}sh ${JSON.stringify({ name, risk: "read", ...more })}\n${body}\n${fence}`;
const events = (out: string) =>
	out
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as JoinedEvent);
const finished = (list: JoinedEvent[]) => list.filter((event) => event.type === "run.finished").map(({ data }) => data);

describe("run", () => {
	test("takes a secret from a file or a variable; given by --set it warns, and what is written over is printed masked", async () => {
		const file = join(folder, "secret.md");
		const front = "---\nparameters:\n  pass_one: { type: secret }\n  pass_two: { type: secret }\n---\n\n";
		const script = "printf 'XXXX-%s\\rfile\\n' \"${pass_one#file-}\"; test \"$pass_two\" = $'of two\\nlines'";
		writeFileSync(file, front + sh("use", script));
		writeFileSync(join(folder, "one"), "file-secret\n");
		const env = { ...process.env, PASS_OF_RUN: "of two\nlines" };
		const given = ["--data", data, "--yes", "--set-env", "pass_two=PASS_OF_RUN"];
		const quiet = await startCli(["run", file, ...given, "--set-file", "pass_one=one"], folder, env).ended;
		expect(quiet.err).toBe("");
		expect(quiet.code).toBe(0);
		expect(quiet.out).toContain("    ********\n");
		const warned = await startCli(["run", file, ...given, "--set", "pass_one=file-secret"], folder, env).ended;
		expect(warned.code).toBe(0);
		expect(warned.err).toMatch(/^'pass_one' is a secret.*--set-file pass_one=FILE.*\n$/);
		expect(warned.out + warned.err).not.toContain("file-secret");

		for (const wrong of ["--set-file pass_one=nowhere", "--set-env pass_one=NOT_SET_ANYWHERE", "--set-file pass_one"]) {
			expect((await runledger("run", file, "--yes", ...wrong.split(" "))).code).toBe(2);
		}
	});

	test("tells one joined event a line, ends with session.closed and 0; then the record is listed, exported and verified", async () => {
		const file = runbook(
			"fine.md",
			sh("one", "echo hello"),
			sh("two", "echo $((1+1))", { expect: "output.contains('2')" }),
		);
		const { code, out } = await runledger("run", file, "--yes", "--json");
		expect(code).toBe(0);
		const list = events(out);
		expect(list[0]?.type).toBe("session.opened");
		expect(list.map((event) => event.seq)).toEqual(list.map((_, i) => i + 1));
		expect(finished(list)).toMatchObject([
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
		const sessions = await runledger("sessions", "--json");
		expect(JSON.parse(sessions.out)).toMatchObject({ session, state: "closed", outcome: "resolved", runbook: file });
		const zip = join(folder, "out.zip");
		expect((await runledger("export", session, "--out", zip)).code).toBe(0);
		expect((await runledger("export", session, "--out", join(folder, "out"))).code).toBe(0);
		for (const { recording } of finished(list) as { recording: { file: string; sha256: string; bytes: number } }[]) {
			const cast = readFileSync(join(folder, "out", recording.file));
			expect(cast.length).toBe(recording.bytes);
			expect(createHash("sha256").update(cast).digest("hex")).toBe(recording.sha256);
		}
		for (const place of [data, zip, join(folder, "out")]) {
			const { code: whole, out: report } = await start(["verify", place, "--json"]).ended;
			const told = JSON.parse(report);
			expect(Object.keys(told)).toEqual(["ok", "checked", "firstBad", "reason", "cannotTell"]);
			expect(told).toMatchObject({ ok: true, firstBad: null, reason: null, checked: { recordings: 2 } });
			expect(Object.keys(told.checked)).toEqual(["events", "recordings", "bytes"]);
			expect(told.cannotTell.join("\n")).toContain("root");
			expect(whole).toBe(0);
		}
		const events_ = join(folder, "out", "events.jsonl");
		writeFileSync(events_, readFileSync(events_, "utf8").replace("resolved", "mitigated"));
		const bad = await start(["verify", join(folder, "out"), "--json"]).ended;
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
			const declared = runbook("declared.md", sh("a", "echo $reason"));
			const parameters =
				"parameters:\n  reason: { type: string, required: true }\n  cluster: { type: target }\n  n: { type: number }\n";
			writeFileSync(declared, `---\n${parameters}---\n${readFileSync(declared, "utf8")}`);
			const found = runbook("found.md", sh("a", "echo $FOO"), sh("b", "echo <thing>"));
			const isFound = what === "found" || what === "only";
			const { code, out, err } = await runledger("run", isFound ? found : declared, "--yes", "--json", ...args);
			expect(code).toBe(2);
			expect(out).toBe("");
			expect(err).toContain(wanted);
			expect(err).toContain(next);
			expect((await runledger("sessions", "--json")).out).toBe("");
		},
	);

	test("a step that runs alone needs only what it asks for", async () => {
		const file = runbook("found.md", sh("a", "echo $FOO"), sh("b", "echo <thing>"));
		expect((await runledger("run", file, "--yes", "--only", "b", "--set", "THING=x")).code).toBe(0);
	});

	test("ends with the first failure and 1; the rest is not run", async () => {
		const file = runbook("fails.md", sh("one", "exit 3"), sh("two", "echo never"));
		const { code, out } = await runledger("run", file, "--yes", "--json");
		expect(code).toBe(1);
		const list = events(out);
		expect(finished(list)).toMatchObject([{ step: "one", outcome: "failed", exitCode: 3 }]);
		expect(finished(list)).toMatchObject([{ problem: { content: expect.stringContaining("command-failed") } }]);
		expect(list.at(-1)).toMatchObject({ type: "session.closed", data: { outcome: "failed" } });
	});

	test("a manual step is never answered by --yes: it is recorded as not attested, and the walk goes on", async () => {
		const manual = `${fence}manual {"name":"tell-them"}\nTell the team.\n${fence}`;
		const file = runbook("manual.md", manual, sh("after", "echo done"));
		const { code, out } = await runledger("run", file, "--yes", "--json");
		expect(code).toBe(0);
		const list = events(out);
		expect(list.find((event) => event.type === "step.skipped")?.data).toMatchObject({
			step: "tell-them",
			reason: { content: "not attested" },
		});
		expect(finished(list)).toMatchObject([{ step: "after", outcome: "succeeded" }]);
	});

	test("values are set by name, and a missing, unknown or doubled one is usage", async () => {
		const file = join(folder, "values.md");
		writeFileSync(
			file,
			`---\ntitle: Values\nparameters:\n  who: { type: string, required: true }\n---\n\n${sh("greet", 'echo "hello $who"')}\n`,
		);
		const fine = await runledger("run", file, "--set", "who=Ann; id", "--yes");
		expect(fine.code).toBe(0);
		expect(fine.out).toContain("    hello Ann; id\n");
		expect((await runledger("run", file, "--yes")).code).toBe(2);
		expect((await runledger("run", file, "--set", "who=a", "--set", "whom=b", "--yes")).code).toBe(2);
		expect((await runledger("run", file, "--set", "who=a", "--set", "who=b", "--yes")).code).toBe(2);
		expect((await runledger("run", file, "--set", "who")).code).toBe(2);
	});

	test("--only runs what it names; an unknown name is usage", async () => {
		const file = runbook("only.md", sh("one", "echo 1"), sh("two", "echo 2"));
		const { code, out } = await runledger("run", file, "--only", "two", "--yes", "--json");
		expect(code).toBe(0);
		expect(finished(events(out)).map(({ step }) => step)).toEqual(["two"]);
		// It is said to be a part, and is no failure.
		expect(events(out).at(-1)).toMatchObject({
			type: "session.closed",
			data: { outcome: "partial", summary: { content: "1 of 2 steps, as asked by --only: 1 succeeded." } },
		});
		expect((await runledger("sessions")).out).toMatch(/closed +partial +1\/2 /);
		expect((await runledger("run", file, "--only", "three", "--yes")).code).toBe(2);
	});

	test("without --yes and without a terminal, what asks is not run", async () => {
		const { code, err, out } = await runledger("run", runbook("asks.md", sh("change", "echo x", { risk: "change" })));
		expect(code).toBe(2);
		expect(out + err).toContain("--yes");
	});

	test("a destructive step outside a lab needs its target's name", async () => {
		const file = runbook("drop.md", sh("drop", "echo dropped", { risk: "destructive" }));
		const refused = await runledger("run", file, "--yes", "--json");
		expect(refused.code).toBe(2);
		expect(finished(events(refused.out))).toEqual([]);
		expect((await runledger("run", file, "--yes", "--confirm", "orders")).code).toBe(2);
		expect((await runledger("run", file, "--yes", "--confirm", "local")).code).toBe(0);
	});

	test("the name that it needs is that of the cluster that is destroyed, also by a finally", async () => {
		const redis = await startTestRedis();
		try {
			const target = `kind: redis, endpoints: ["127.0.0.1:${redis.ports[0]}"]`;
			const config = join(folder, "clusters.yaml");
			writeFileSync(
				config,
				`targets:\n  looked: { ${target}, environment: staging }\n  gone: { ${target}, environment: production }\n`,
			);
			const step = { name: "look", target: "looked.master", finally: "@gone.master FLUSHALL" };
			const file = runbook("elsewhere.md", `${fence}redis ${JSON.stringify(step)}\nPING\n${fence}`);
			const walk = (name: string) => runledger("run", file, "--config", config, "--yes", "--confirm", name);
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
		const file = runbook("bad.md", sh("same", "echo 1"), sh("same", "echo 2"));
		const { code, err } = await runledger("run", file, "--yes");
		expect(code).toBe(2);
		expect(err).toContain("step-name-duplicate");
		expect((await runledger("run", join(folder, "gone.md"))).code).toBe(2);
	});

	test("a record that can't be written ends with 3", async () => {
		const file = runbook("fine.md", sh("one", "echo hello"));
		writeFileSync(join(folder, "a-file"), "");
		expect((await start(["run", file, "--yes", "--data", join(folder, "a-file")]).ended).code).toBe(3);
	});

	test("Ctrl+C cancels what runs, and the record says so", async () => {
		const pids = join(folder, "pids");
		const file = runbook(
			"long.md",
			sh("long", `setsid sleep 61 & echo $! > ${pids}; sleep 60 & echo $! >> ${pids}; wait`),
			sh("after", "echo never"),
		);
		const { child, ended } = start(["run", file, "--yes", "--json", "--data", data]);
		await expect.poll(() => pidsIn(pids), { timeout: 15_000 }).toHaveLength(2);
		child.kill("SIGINT");
		const { code, out } = await ended;
		expect(code).toBe(1);
		// Neither what it started nor what had left its process group.
		expect(pidsIn(pids).filter(isAlive)).toEqual([]);
		expect(finished(events(out))).toMatchObject([{ step: "long", outcome: "cancelled" }]);
		expect(events(out).at(-1)).toMatchObject({ type: "session.closed", data: { outcome: "abandoned" } });
	});
});

describe("beside a server", () => {
	let server: ServerProcess;
	beforeEach(async () => {
		server = await startServerProcess(data);
	});
	afterEach(() => server.stop());

	test("run goes through it and shows live in the browser; signin, sessions and export too", async () => {
		const cookie = await signInByLink(server.url, server.signIn, "Ann");
		const page = await connectPage(server.url, cookie);
		const file = runbook("fine.md", sh("slow", "echo begun; sleep 1.5; echo ended"));
		const run = start(["run", file, "--yes", "--json", "--data", data]);
		await expect.poll(() => run.said.out, { timeout: 15_000 }).toContain('"run.started"');
		const session = events(run.said.out)[0]?.stream ?? "";
		const seen: string[] = [];
		page.socket.on("session.events", (push: { events: JoinedEvent[] }) => {
			seen.push(...push.events.map((event) => event.type));
		});
		const snapshot = await page.request("session.watch", { session });
		expect(snapshot.state.status).toBe("open");
		const { code, out } = await run.ended;
		expect(code).toBe(0);
		expect(events(out).at(-1)?.type).toBe("session.closed");
		await expect.poll(() => seen).toEqual(expect.arrayContaining(["run.finished", "session.closed"]));
		page.close();

		const link = (await runledger("signin")).out.trim();
		await expect(signInByLink(server.url, link, "Ben")).resolves.toContain("=");
		expect((await runledger("sessions", "--json")).out).toContain(session);
		expect((await runledger("export", session, "--out", join(folder, "e.zip"))).code).toBe(0);
		expect((await start(["verify", data]).ended).code).toBe(0);
	});

	test("its socket is its owner's alone, and a second server is refused", async () => {
		expect(statSync(join(data, "runledger.sock")).mode & 0o777).toBe(0o600);
		expect(statSync(data).mode & 0o077).toBe(0);
		const { code, err } = await runledger("serve", "--port", "0");
		expect(code).toBe(3);
		expect(err).toContain("record-locked");
	});

	test("a command that goes away in the middle cancels its run", async () => {
		const file = runbook("long.md", sh("long", "echo begun; sleep 60"));
		const run = start(["run", file, "--yes", "--json", "--data", data]);
		await expect.poll(() => run.said.out, { timeout: 15_000 }).toContain('"run.started"');
		run.child.kill("SIGKILL");
		await run.ended;
		await expect
			.poll(async () => JSON.parse((await runledger("sessions", "--json")).out || "{}"), {
				timeout: 20_000,
				interval: 500,
			})
			.toMatchObject({ state: "closed", outcome: "abandoned" });
	});

	test("SIGTERM cancels what runs, records it and ends in good order", async () => {
		const file = runbook("long.md", sh("long", "echo begun; sleep 60"));
		const run = start(["run", file, "--yes", "--json", "--data", data]);
		await expect.poll(() => run.said.out, { timeout: 15_000 }).toContain('"run.started"');
		await server.stop();
		expect(server.child.exitCode).toBe(0);
		await run.ended;
		const report = await start(["verify", data, "--json"]).ended;
		expect(JSON.parse(report.out).ok).toBe(true);
		const { stream } = events(run.said.out)[0] as JoinedEvent;
		expect((await runledger("export", stream, "--out", join(folder, "out"))).code).toBe(0);
		const kept = events(readFileSync(join(folder, "out", "events.jsonl"), "utf8"));
		expect(finished(kept)).toMatchObject([{ step: "long", outcome: "cancelled" }]);
	});
});

test("commands that only read wait for each other; one that finds the folder taken for longer says by whom", async () => {
	expect((await runledger("run", runbook("once.md", sh("one", "echo 1")), "--yes")).code).toBe(0);
	const lists = await Promise.all([1, 2, 3].map(() => runledger("sessions", "--json")));
	for (const { code, out, err } of lists)
		expect({ code, lines: out.split("\n").length }, err).toEqual({ code: 0, lines: 2 });

	const long = start(["run", runbook("long.md", sh("long", "sleep 60")), "--yes", "--json", "--data", data]);
	await expect.poll(() => long.said.out, { timeout: 15_000 }).toContain('"run.started"');
	const { code, err } = await runledger("sessions");
	expect(code).toBe(3);
	expect(err).toContain(`record-locked: Process ${long.child.pid} writes the data folder`);
	long.child.kill("SIGINT");
	await long.ended;
}, 60_000);

test("check tells one problem a line with its place, and ends with 1 for an error", async () => {
	const bad = runbook("bad.md", sh("same", "echo 1"), sh("same", "echo 2"));
	const { code, out } = await runledger("check", bad);
	expect(code).toBe(1);
	expect(out).toMatch(/^\/.*bad\.md:\d+:\d+ error step-name-duplicate /m);
	const json = await runledger("check", bad, "--json");
	expect(JSON.parse(json.out.split("\n")[0] ?? "")).toMatchObject({ code: "step-name-duplicate", severity: "error" });
	expect((await runledger("check", runbook("good.md", sh("one", "echo 1")))).code).toBe(0);
	expect(await runledger("check", "nowhere.md")).toMatchObject({
		code: 2,
		out: expect.stringContaining("runbook-not-found"),
	});
});

test("the command line that can't be read ends with 2, help with 0", async () => {
	for (const args of [
		["nonsense"],
		["serve", "--port", "x"],
		["run"],
		["export", "x"],
		["lab", "fault", "melt", "a.b"],
	]) {
		const { code, err } = await start(args).ended;
		expect(code, args.join(" ")).toBe(2);
		expect(err).toMatch(/^usage: .+\nSee '--help'\.\n$/s);
	}
	for (const args of [
		["--help"],
		...["serve", "demo", "run", "check", "sessions", "export", "verify", "signin"].map((name) => [name, "--help"]),
		...["up", "down", "status", "list", "logs", "heal", "reset", "fault"].map((name) => ["lab", name, "--help"]),
		["lab", "fault", "kill", "--help"],
	]) {
		const { code, out } = await start(args).ended;
		expect(code, args.join(" ")).toBe(0);
		expect(out, args.join(" ")).toMatch(/\nExamples:\n {2}\$ runledger /);
	}
	expect((await start(["--version"]).ended).out).toMatch(/^\d+\.\d+\.\d+\n$/);
}, 60_000);

test("signin without a server says how to start one", async () => {
	const { code, err } = await runledger("signin");
	expect(code).toBe(1);
	expect(err).toContain("runledger serve");
});

test("a data folder that is missing is not made to read from, and one that can't be made is said, at once", async () => {
	for (const args of [["sessions"], ["export", "01J", "--out", join(folder, "out")]]) {
		const { code, err } = await runledger(...args);
		expect(code).toBe(2);
		expect(err).toContain(`not-found: There is no data folder at ${data}.`);
	}
	expect(existsSync(data)).toBe(false);
	const file = runbook("fine.md", sh("one", "echo hello"));
	for (const place of ["/proc/runledger", "/proc/runledger/data", join(file, "data")]) {
		const { code, err } = await start(["run", file, "--yes", "--data", place]).ended;
		expect(err).toContain("record-unwritable");
		expect(code).toBe(3);
	}
}, 30_000);

test("an unusable configuration ends with 2 and names the field", async () => {
	writeFileSync(join(folder, "runledger.yaml"), "server:\n  prot: 1\n");
	const { code, err } = await runledger("sessions");
	expect(code).toBe(2);
	expect(err).toContain("runledger.yaml:2:3: config-invalid: 'server.prot'");
});

test("a named pipe in place of a file is usage, and nobody waits for what might be written into it", async () => {
	const pipe = join(folder, "pipe.md");
	execFileSync("mkfifo", [pipe]);
	const fine = runbook("fine.md", sh("one", "true"));
	for (const args of [
		["check", pipe],
		["run", pipe, "--yes"],
		["run", fine, "--yes", "--config", pipe],
	]) {
		const { child, ended } = start([...args, "--data", data]);
		const patience = setTimeout(() => child.kill("SIGKILL"), 30_000);
		expect(await ended).toMatchObject({ code: 2, err: expect.stringContaining("regular file") });
		clearTimeout(patience);
	}
}, 120_000);

describe("where the output goes", () => {
	test("a reader that has read enough cancels the run, without a word and without a stack", async () => {
		const file = runbook("long.md", sh("long", "while sleep 0.1; do echo on; done"), sh("after", "echo never"));
		const { child, ended } = start(["run", file, "--yes", "--data", data]);
		child.stdout?.once("data", () => child.stdout?.destroy());
		const { code, err } = await ended;
		expect(code).toBe(1);
		expect(err).toBe("");
		expect(JSON.parse((await runledger("sessions", "--json")).out)).toMatchObject({
			state: "closed",
			outcome: "abandoned",
		});
	});

	test("output that can't be written is said in a sentence, and is not fine", async () => {
		const file = runbook("fine.md", sh("one", "echo hello"));
		const full = spawnSync(
			"sh",
			["-c", 'exec "$@" > /dev/full', "sh", ...cliCommand, "run", file, "--yes", "--data", data],
			{
				encoding: "utf8",
				cwd: folder,
			},
		);
		expect(full.status).toBe(1);
		expect(full.stderr.trim()).toBe("The output can't be written (ENOSPC).");
	});
});

test("the environment names the data folder and the configuration, an option goes before it", async () => {
	const env = { ...process.env, RUNLEDGER_DATA: join(folder, "from-environment"), RUNLEDGER_CONFIG: "named.yaml" };
	writeFileSync(join(folder, "named.yaml"), "limits: { steps: 1 }\n");
	const file = runbook("two.md", sh("one", "echo 1"), sh("two", "echo 2"));
	const { code, out } = await startCli(["check", file], folder, env).ended;
	expect(code).toBe(1);
	expect(out).toContain("runbook-too-many-steps");
	writeFileSync(join(folder, "named.yaml"), "");
	expect((await startCli(["run", file, "--yes"], folder, env).ended).code).toBe(0);
	expect(existsSync(join(folder, "from-environment", "events.db"))).toBe(true);
	expect((await startCli(["sessions", "--data", data], folder, env).ended).out).toBe("");
	expect(existsSync(join(folder, ".runledger"))).toBe(false);
}, 60_000);
