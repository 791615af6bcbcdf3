import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sh, useCliFolder } from "../../test/support/cli-folder.ts";
import { cliCommand, startCli } from "../../test/support/cli-process.ts";

const cli = useCliFolder();

test("check tells one problem a line with its place, and ends with 1 for an error", async () => {
	const bad = cli.runbook("bad.md", sh("same", "echo 1"), sh("same", "echo 2"));
	const { code, out } = await cli.runledger("check", bad);
	expect(code).toBe(1);
	expect(out).toMatch(/^\/.*bad\.md:\d+:\d+ error step-name-duplicate /m);
	const json = await cli.runledger("check", bad, "--json");
	expect(JSON.parse(json.out.split("\n")[0] ?? "")).toMatchObject({ code: "step-name-duplicate", severity: "error" });
	expect((await cli.runledger("check", cli.runbook("good.md", sh("one", "echo 1")))).code).toBe(0);
	expect(await cli.runledger("check", "nowhere.md")).toMatchObject({
		code: 2,
		out: expect.stringContaining("runbook-not-found"),
	});
});

test("a command that goes nowhere is told by check, and no run is begun over it", async () => {
	const file = cli.runbook("lost.md", '```redis {"name":"b"}\nPING\n```\n');
	const checked = await cli.runledger("check", file);
	expect(checked.out).toMatch(/lost\.md:\d+:1 error target-missing .*'PING' does not say which node it goes to/);
	expect(checked.code).toBe(1);
	const run = await cli.runledger("run", file, "--yes");
	expect(run.code).toBe(2);
	expect(run.out + run.err).toContain("target-missing");
	expect((await cli.runledger("sessions")).out).not.toContain("lost.md");
});

test("a credential that is not there is named by check, and by run as the reason why nobody answers", async () => {
	const config = join(cli.path, "credentials.yaml");
	writeFileSync(
		config,
		`targets:
  prod: { kind: redis, environment: production, endpoints: ["127.0.0.1:1"], password: { env: MISSING_ONE } }
  other: { kind: redis, environment: production, endpoints: ["127.0.0.1:1"], password: { file: ./missing-two } }
`,
	);
	const file = (cluster: string) =>
		cli.runbook(`${cluster}.md`, `\`\`\`redis {"name":"look","target":"${cluster}.master"}\nPING\n\`\`\`\n`);
	const checked = await cli.runledger("check", "--config", config, file("prod"), file("other"));
	expect(checked.out).toMatch(/credentials\.yaml:1:1 warning config-invalid Target 'prod': The variable 'MISSING_ONE'/);
	expect(checked.out).toMatch(/config-invalid Target 'other': The credential's file '.*missing-two' can't be read/);
	expect(checked.code).toBe(0);
	for (const [cluster, why] of [
		["prod", "The variable 'MISSING_ONE' that a target's credential names is not set"],
		["other", "missing-two' can't be read (ENOENT)"],
	] as const) {
		const { err, out } = await cli.runledger("run", "--config", config, file(cluster), "--yes");
		expect(out + err).toContain(why);
	}
}, 60_000);

test("a host that is not there and a folder that can't be made are problems with a code, not traces", async () => {
	const serve = await cli.runledger("serve", "--host", "nosuchhost.invalid", "--port", "0");
	expect(serve.err).toMatch(
		/^port-unavailable: The server can't listen on nosuchhost\.invalid:0: .+\.\n.*--host.*\.$/m,
	);
	expect(serve.err).not.toMatch(/^\s+at /m);
	expect(serve.code).toBe(2);
	// Nobody may make a folder in it, root neither.
	for (const data of ["/proc/runledger", "/dev/null/data"]) {
		const up = await cli.start("lab", "up", "--name", "orders", "--data", data).ended;
		expect(up.err).toMatch(/^lab-start-failed: [A-Z]+: .+\.\n.+\.\n$/);
		expect(up.code).toBe(1);
	}
}, 60_000);

test("the command line that can't be read ends with 2, help with 0", async () => {
	for (const args of [
		["nonsense"],
		["serve", "--port", "x"],
		["run"],
		["export", "x"],
		["lab", "fault", "melt", "a.b"],
	]) {
		const { code, err } = await cli.start(...args).ended;
		expect(code, args.join(" ")).toBe(2);
		expect(err).toMatch(/^usage: .+\nSee '--help'\.\n$/s);
	}
	for (const args of [
		["--help"],
		...["serve", "demo", "run", "check", "sessions", "export", "verify", "signin"].map((name) => [name, "--help"]),
		...["up", "down", "status", "list", "logs", "heal", "reset", "fault"].map((name) => ["lab", name, "--help"]),
		["lab", "fault", "kill", "--help"],
	]) {
		const { code, out } = await cli.start(...args).ended;
		expect(code, args.join(" ")).toBe(0);
		expect(out, args.join(" ")).toMatch(/\nExamples:\n {2}\$ runledger /);
	}
	expect((await cli.start("--version").ended).out).toMatch(/^\d+\.\d+\.\d+\n$/);
}, 60_000);

test("before a build the command says so, and how to build", async () => {
	const bin = new URL("../../bin/runledger.mjs", import.meta.url).pathname;
	const alone = join(cli.path, "bin", "runledger.mjs");
	mkdirSync(join(cli.path, "bin"));
	copyFileSync(bin, alone);
	const early = spawnSync(process.execPath, [alone, "--version"], { encoding: "utf8" });
	expect(early.status).toBe(2);
	expect(early.stderr).toContain("npm run build");
	const built = spawnSync(process.execPath, [bin, "--version"], { encoding: "utf8" });
	expect(built.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("a data folder that is missing is not made to read from, and one that can't be made is said, at once", async () => {
	for (const args of [["sessions"], ["export", "01J", "--out", join(cli.path, "out")]]) {
		const { code, err } = await cli.runledger(...args);
		expect(code).toBe(2);
		expect(err).toContain(`not-found: There is no data folder at ${cli.data}.`);
	}
	expect(existsSync(cli.data)).toBe(false);
	const file = cli.runbook("fine.md", sh("one", "echo hello"));
	for (const place of ["/proc/runledger", "/proc/runledger/data", join(file, "data")]) {
		const { code, err } = await cli.start("run", file, "--yes", "--data", place).ended;
		expect(err).toContain("record-unwritable");
		expect(code).toBe(3);
	}
}, 30_000);

test("an unusable configuration ends with 2 and names the field", async () => {
	writeFileSync(join(cli.path, "runledger.yaml"), "server:\n  prot: 1\n");
	const { code, err } = await cli.runledger("sessions");
	expect(code).toBe(2);
	expect(err).toContain("runledger.yaml:2:3: config-invalid: 'server.prot'");
});

test("a named pipe in place of a file is usage, and nobody waits for what might be written into it", async () => {
	const pipe = join(cli.path, "pipe.md");
	execFileSync("mkfifo", [pipe]);
	const fine = cli.runbook("fine.md", sh("one", "true"));
	for (const args of [
		["check", pipe],
		["run", pipe, "--yes"],
		["run", fine, "--yes", "--config", pipe],
	]) {
		const { child, ended } = cli.start(...args, "--data", cli.data);
		const patience = setTimeout(() => child.kill("SIGKILL"), 30_000);
		expect(await ended).toMatchObject({ code: 2, err: expect.stringContaining("regular file") });
		clearTimeout(patience);
	}
}, 120_000);

describe("where the output goes", () => {
	test("a reader that has read enough cancels the run, without a word and without a stack", async () => {
		const file = cli.runbook("long.md", sh("long", "while sleep 0.1; do echo on; done"), sh("after", "echo never"));
		const { child, ended } = cli.start("run", file, "--yes", "--data", cli.data);
		child.stdout?.once("data", () => child.stdout?.destroy());
		const { code, err } = await ended;
		expect(code).toBe(1);
		expect(err).toBe("");
		expect(JSON.parse((await cli.runledger("sessions", "--json")).out)).toMatchObject({
			state: "closed",
			outcome: "abandoned",
		});
	});

	test("output that can't be written is said in a sentence, and is not fine", async () => {
		const file = cli.runbook("fine.md", sh("one", "echo hello"));
		const full = spawnSync(
			"sh",
			["-c", 'exec "$@" > /dev/full', "sh", ...cliCommand, "run", file, "--yes", "--data", cli.data],
			{
				encoding: "utf8",
				cwd: cli.path,
			},
		);
		expect(full.status).toBe(1);
		expect(full.stderr.trim()).toBe("The output can't be written (ENOSPC).");
	});
});

test("the environment names the data folder and the configuration, an option goes before it", async () => {
	const env = { ...process.env, RUNLEDGER_DATA: join(cli.path, "from-environment"), RUNLEDGER_CONFIG: "named.yaml" };
	writeFileSync(join(cli.path, "named.yaml"), "limits: { steps: 1 }\n");
	const file = cli.runbook("two.md", sh("one", "echo 1"), sh("two", "echo 2"));
	const { code, out } = await startCli(["check", file], cli.path, env).ended;
	expect(code).toBe(1);
	expect(out).toContain("runbook-too-many-steps");
	writeFileSync(join(cli.path, "named.yaml"), "");
	expect((await startCli(["run", file, "--yes"], cli.path, env).ended).code).toBe(0);
	expect(existsSync(join(cli.path, "from-environment", "events.db"))).toBe(true);
	expect((await startCli(["sessions", "--data", cli.data], cli.path, env).ended).out).toBe("");
	expect(existsSync(join(cli.path, ".runledger"))).toBe(false);
}, 60_000);
