import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { StepPlan } from "../../core/plan.ts";
import type { Problem } from "../../core/problem.ts";
import type { StepResult } from "../step-executor.ts";
import { openTestRun, type TestRun, type TestRunOptions, testSpec } from "../test-run.ts";
import { shellExecutor } from "./server.ts";
import { shellType } from "./type.ts";

const tests: TestRun[] = [];
afterEach(async () => {
	await Promise.all(tests.splice(0).map((test) => test.close()));
});

function testRun(options: TestRunOptions = {}): TestRun {
	const test = openTestRun(options);
	tests.push(test);
	return test;
}

type More = Parameters<typeof testSpec<any>>[2];

async function planned(test: TestRun, body: string, more: More = {}): Promise<StepPlan> {
	const plan = await shellExecutor(test.host).plan(testSpec(shellType, body, more), test.context);
	if (Array.isArray(plan)) throw new Error(JSON.stringify(plan));
	return plan;
}

async function refused(body: string, options: TestRunOptions, more: More = {}): Promise<Problem> {
	const test = testRun(options);
	const plan = await shellExecutor(test.host).plan(testSpec(shellType, body, more), test.context);
	if (!Array.isArray(plan) || !plan[0]) throw new Error("It was not refused.");
	return plan[0];
}

async function run(test: TestRun, body: string, more: More = {}): Promise<StepResult> {
	return shellExecutor(test.host).execute(await planned(test, body, more), test.run);
}

describe("values", () => {
	const hostile = [
		"$(id)",
		"; id",
		"a\nid\n",
		"`id`",
		'"; id; "',
		"'; id; '",
		`\${HOME}`,
		"\\",
		"* ?",
		"é\u202e",
		"&& id",
		"> /tmp/x",
	];

	it.each(hostile)("%j reaches the command as it is", async (value) => {
		const test = testRun({ values: { NAME: value } });
		const { result } = await run(test, `printf '[%s]' <name> "<name>" {{NAME}} "$NAME"`, { names: ["NAME"] });
		expect(result).toBe(`[${value}]`.repeat(4).replace(/\r\n/g, "\n"));
	});

	it("that begin with a dash are no options", async () => {
		const problem = await refused("ls <folder>", { values: { folder: "-oProxyCommand=id" } }, { names: ["folder"] });
		expect(problem.code).toBe("parameter-invalid");
		const test = testRun({ values: { folder: "-la" } });
		expect((await run(test, `printf '%s' "in:<folder>"`, { names: ["folder"] })).result).toBe("in:-la");
	});

	it("that are captured by an earlier step of the group are checked when they come", async () => {
		const test = testRun({ pending: { host: { from: "find", expression: "result" } } });
		const plan = await planned(test, "echo {{host}}", { names: ["host"] });
		expect(plan.commands[0]?.placeholders).toEqual([{ name: "host", from: "find", expression: "result" }]);
		const later = testRun({ values: { host: "-rf" } });
		await expect(shellExecutor(later.host).execute(plan, later.run)).rejects.toThrow(/read it as an option/);
		const fine = testRun({ values: { host: "db-1" } });
		expect((await shellExecutor(fine.host).execute(plan, fine.run)).result).toBe("db-1");
	});

	it.each(["LD_PRELOAD", "PATH", "BASH_ENV", "KUBECONFIG", "GIT_SSH_COMMAND", "http_proxy"])(
		"never become %s",
		async (name) => {
			const test = testRun({ values: { [name]: "/tmp/evil" } });
			const spec = testSpec(shellType, "true");
			spec.own.inputs.push({
				variable: name,
				value: name,
				origin: "variable",
				required: true,
				secret: false,
				leading: false,
			});
			const plan = await shellExecutor(test.host).plan(spec, test.context);
			expect(plan).toMatchObject([{ code: "parameter-reserved" }]);
		},
	);

	it("that are missing are named before anything runs", async () => {
		expect(await refused("echo $TICKET", {})).toMatchObject({
			code: "value-missing",
			detail: "`TICKET` has no value yet.",
		});
	});

	it("that are secret stand in the environment and nowhere in a command line", async () => {
		const test = testRun({ secrets: { PASSWORD: "hunter2-secret" } });
		const plan = await planned(
			test,
			`cat /proc/$$/cmdline /proc/$PPID/cmdline | tr '\\0' ' '; echo "length \${#PASSWORD}"`,
		);
		expect(plan.secrets).toEqual(["PASSWORD"]);
		expect(JSON.stringify(plan)).not.toContain("hunter2");
		const { result } = await shellExecutor(test.host).execute(plan, test.run);
		expect(result).toContain("length 14");
		expect(result).not.toContain("hunter2");
	});

	it("change the plan by their HMAC, never by their text", async () => {
		const [one, two] = [testRun({ values: { A: "first-text" } }), testRun({ values: { A: "second-text" } })];
		const [first, second] = [await planned(one, "echo $A"), await planned(two, "echo $A")];
		expect(first.variables).toMatchObject([{ name: "A" }]);
		expect(first.variables).not.toEqual(second.variables);
		expect(JSON.stringify(first)).not.toContain("first-text");
	});
});

describe("a script", () => {
	it("keeps its exit code", async () => {
		expect(await run(testRun(), "echo before; exit 3; echo after")).toMatchObject({ exitCode: 3, result: "before" });
	});

	it("stops at the first failing command", async () => {
		expect(await run(testRun(), "false\necho after")).toMatchObject({ exitCode: 1, result: "" });
	});

	it("fails with any command of a pipe", async () => {
		expect((await run(testRun(), "false | true")).exitCode).toBe(1);
	});

	it("goes on after errors when it says so", async () => {
		const attributes = { errexit: "false", pipefail: "false" };
		expect(await run(testRun(), "false\nfalse | true\necho after", { attributes })).toMatchObject({
			exitCode: 0,
			result: "after",
		});
	});

	it("has its own line numbers in messages", async () => {
		const { result } = await run(testRun(), "true\nnosuchcommand-x || true\necho at $LINENO");
		expect(result).toMatch(/step: line 2: nosuchcommand-x: command not found/);
		expect(result).toMatch(/at 3$/);
	});

	it("that can't be parsed fails and says where", async () => {
		const { result, exitCode } = await run(testRun(), "echo start\n)");
		expect(exitCode).toBe(2);
		expect(result).toMatch(/syntax error/);
	});

	it.each([
		["cat > conf <<'EOF'\nport 1", "here-document of line 1"],
		["true\ncat > conf <<EOF\nport 1\n EOF", "here-document of line 2"],
		["shopt -s extglob\nls @(a|b)\ncat <<EOF\nport 1", "here-document of line 3"],
		["echo hi |", "middle of a command"],
		["true &&", "middle of a command"],
		["if true; then\ntrue", "middle of a command"],
		["echo 'hi", "not closed"],
		['echo "$(date"', "not closed"],
	])("that leaves something open is refused before it runs: %j", async (body, words) => {
		for (const more of [{}, { attributes: { interpreter: "sh" } }]) {
			const { code, detail } = await refused(body, {}, more);
			expect(code).toBe("step-invalid");
			expect(detail).toContain(words);
		}
	});

	it.each([
		"shopt -s extglob\n[[ ab == @(ab|cd) ]]",
		"cat <<'EOF'\n$( ' \" {\nEOF",
		"cat <<-EOF\n\tx\n\tEOF",
		"true # it's",
	])("that closes all is not: %j", async (body) => {
		expect((await run(testRun(), body)).exitCode).toBe(0);
	});

	it("that bash does not read to its end is planned all the same: what is wrong with it its run tells", async () => {
		// More than a pipe holds, after what bash stops at.
		const plan = await planned(testRun(), `)\n${"true\n".repeat(100_000)}`);
		expect(plan.commands).toHaveLength(1);
	});

	it("ends where its text ends, whatever bash has left open by then", async () => {
		const test = testRun();
		// Only the run makes this a here-document: reading it before could not tell.
		const plan = await planned(test, "cd $PWD");
		const open = { ...plan, commands: [{ ...plan.commands[0]!, text: "cat > conf <<'EOF'\nport 1" }] };
		await shellExecutor(test.host).execute(open, test.run);
		expect(readFileSync(join(test.host.directory, "conf"), "utf8")).toBe("port 1\n");
	});

	it("is named and placed as a script is", async () => {
		const { result } = await run(
			testRun(),
			'[[ $0 == "${BASH_SOURCE[0]}" ]] && echo "${#BASH_SOURCE[@]} $# ${0##*/}"\nf() { caller; }; f | cut -d" " -f1',
		);
		expect(result).toBe("1 0 step\n2");
	});

	it("sees none of what is around it, also when it asks for every line", async () => {
		const { result } = await run(testRun(), "set -v\necho hi");
		expect(result).toBe("echo hi\nhi");
	});

	it("may be a step of any name", async () => {
		const test = testRun();
		const more = { name: "names" };
		expect((await run(test, "export COLOUR=red\necho $0", more)).result).toMatch(/names$/);
		expect(test.carried.variables.get("COLOUR")).toBe("red");
	});

	it("may trace, trap, unset and redefine what it likes", async () => {
		const test = testRun();
		const { exitCode, result } = await run(
			test,
			"set -xuC; IFS=,; printf() { echo mine; }; export LEFT=1; set +x; trap 'echo bye' EXIT",
		);
		expect(exitCode).toBe(0);
		expect(result).toMatch(/bye$/);
		expect(result).not.toMatch(/__runledger/);
		expect(test.carried.variables.get("LEFT")).toBe("1");
	});

	it("gets none of the server's own variables", async () => {
		const environment = {
			HOME: "/",
			PATH: process.env.PATH,
			REDIS_PASSWORD: "theirs",
			BASH_ENV: "/tmp/evil",
			LC_ALL: "C",
		};
		const { result } = await run(testRun({ environment }), "env | sort");
		expect(result).not.toMatch(/REDIS_PASSWORD|BASH_ENV/);
		expect(result).toMatch(/LC_ALL=C/);
	});

	it("leaves no file behind", async () => {
		const test = testRun();
		await run(test, 'test -f "$0" && stat -c %a "$0" "$(dirname "$0")"');
		expect(test.shown()).toMatch(/600\s+700/);
		expect(readdirSync(test.host.temporaryFolder)).toEqual([]);
	});

	it("that is ended by a signal says so", async () => {
		expect(await run(testRun(), "kill -KILL $$")).toMatchObject({
			exitCode: null,
			problem: { code: "command-failed", detail: "The script was ended by SIGKILL." },
		});
	});

	it("that is cancelled ends with the reason of the cancel", async () => {
		const test = testRun();
		setTimeout(() => test.abort(new Error("cancelled by alice")), 200);
		await expect(run(test, "sleep 20")).rejects.toThrow("cancelled by alice");
	});

	it("runs in another language with its values", async () => {
		const test = testRun({ values: { NAME: "$(id)" } });
		const body = 'import os\nprint("hello", os.environ["NAME"])';
		const { result } = await run(test, body, { attributes: { interpreter: "python3" }, names: ["NAME"] });
		expect(result).toBe("hello $(id)");
		expect(test.carried.cwd).toBeNull();
	});

	it("of an interpreter that is not there says which", async () => {
		await expect(run(testRun(), "x", { attributes: { interpreter: "nosuch-lang" } })).rejects.toThrow(
			/no program `nosuch-lang`/,
		);
	});
});

describe("what a script leaves", () => {
	it("is the next one's directory and exported variables", async () => {
		const test = testRun();
		await run(
			test,
			`cd ${tmpdir()}; export COLOUR=$'red\\nand blue'; local_only=1; export HOME=/nowhere; unset LC_ALL`,
		);
		expect(test.carried.cwd).toBe(tmpdir());
		expect(Object.fromEntries(test.carried.variables)).toEqual({ COLOUR: "red\nand blue", HOME: "/nowhere" });
		const { result } = await run(test, `pwd; printf '%s' "$COLOUR"; echo " \${local_only-unset}"`);
		expect(result).toBe(`${realpathSync(tmpdir())}\nred\nand blue unset`);
	});

	it("is dropped when it fails", async () => {
		const test = testRun();
		await run(test, "cd /; export COLOUR=red; exit 1");
		expect(test.carried).toEqual({ cwd: null, ledBy: null, variables: new Map() });
	});

	it("survives an exit 0 in the middle", async () => {
		const test = testRun();
		await run(test, "export COLOUR=red; exit 0; echo after");
		expect(test.carried.variables.get("COLOUR")).toBe("red");
	});

	it("is nothing after exec, and the exit code is the program's", async () => {
		const test = testRun();
		expect((await run(test, "export COLOUR=red; exec bash -c 'exit 0'")).exitCode).toBe(0);
		expect(test.carried.variables.size).toBe(0);
		expect((await run(testRun(), "exec bash -c 'exit 9'")).exitCode).toBe(9);
	});

	it.each(["exec 198>&-", "exec 198>taken"])(
		"is told as missing when the script took its descriptor: %s",
		async (takes) => {
			const test = testRun();
			const { exitCode, result } = await run(test, `${takes}; export Q=1; echo done`);
			expect([exitCode, result]).toEqual([0, "done"]);
			expect(test.carried.variables.size).toBe(0);
			expect(test.shown()).toContain("not carried on to later steps");
			expect(
				existsSync(join(test.host.directory, "taken")) && readFileSync(join(test.host.directory, "taken"), "utf8"),
			).toBeFalsy();
		},
	);

	it("is found in a temporary folder of any name", async () => {
		const test = testRun();
		test.host.temporaryFolder = join(test.host.directory, 'it\'s "$(id)" here');
		mkdirSync(test.host.temporaryFolder);
		expect(await run(test, "export COLOUR=red; cd /")).toMatchObject({ exitCode: 0, result: "" });
		expect(test.carried).toMatchObject({ cwd: "/", variables: new Map([["COLOUR", "red"]]) });
	});

	it("can't be forged by what it prints, nor on the usual descriptors", async () => {
		const test = testRun();
		const nonce = '"$(basename "$(dirname "$0")" | tr -d -)"';
		const fake = `printf '%s\\0' ${nonce} /evil LD_PRELOAD=/evil.so ${nonce}`;
		await run(test, `${fake}; ${fake} >&2; exec 3>/dev/null; ${fake} >&3; export REAL=1`);
		expect(test.carried.cwd).not.toBe("/evil");
		expect(Object.fromEntries(test.carried.variables)).toEqual({ REAL: "1" });
	});

	it("is part of the next plan", async () => {
		const test = testRun();
		const before = await planned(test, "true");
		await run(test, "cd /; export COLOUR=red");
		const after = await planned(test, "true");
		expect(after.cwd).toBe("/");
		expect(after.variables.map((v) => v.name)).toEqual(["COLOUR"]);
		expect(before.variables).toEqual([]);
	});

	it("wins over a value of the same name, as in one shell", async () => {
		const test = testRun({ values: { TAG: "from the page" } });
		await run(test, 'export TAG="$TAG, changed"');
		expect((await run(test, 'echo "$TAG"')).result).toBe("from the page, changed");
	});
});

describe("the plan", () => {
	it("holds the text that will run, where, and asks about its risk", async () => {
		const test = testRun({ values: { host: "db-1" } });
		const plan = await planned(test, "ping <host>", { names: ["host"] });
		expect(plan.commands).toMatchObject([{ text: `ping "\${HOST}"`, risk: "unknown", node: { kind: "local" } }]);
		expect(plan).toMatchObject({ risk: "unknown", interpreter: "bash", cwd: test.host.directory });
	});

	it("takes the author's word on the risk", async () => {
		expect((await planned(testRun(), "uptime", { risk: "read" })).risk).toBe("read");
		expect((await planned(testRun(), "reboot", { risk: "destructive" })).risk).toBe("destructive");
	});

	it("is refused when its directory has gone since, before anything is sent", async () => {
		const test = testRun();
		const named = join(test.host.directory, "named");
		mkdirSync(named);
		const plan = await planned(test, "rm -rf ./*", { attributes: { cwd: named } });
		rmSync(named, { recursive: true });
		await expect(shellExecutor(test.host).execute(plan, test.run)).rejects.toMatchObject({
			problem: { code: "directory-gone", detail: `The directory ${named} does not exist.` },
		});
		expect(test.sent).toEqual([]);
	});

	it.each([null, "sub"])("is refused when the directory that was carried is gone, with `cwd` %j", async (cwd) => {
		const test = testRun();
		const deep = join(test.host.directory, "deep");
		await run(test, `mkdir -p ${deep}/sub; cd ${deep}`, { name: "go-there" });
		rmSync(deep, { recursive: true });
		const spec = testSpec(shellType, "rm -rf ./*", { name: "clear", attributes: cwd === null ? {} : { cwd } });
		expect(await shellExecutor(test.host).plan(spec, test.context)).toMatchObject([
			{
				code: "directory-gone",
				detail: `The directory ${deep}, where \`go-there\` had gone to, does not exist any more.`,
				next: expect.stringContaining("Run `go-there` again"),
			},
		]);
		expect((await planned(test, "ls", { name: "clear", attributes: { cwd: "/" } })).cwd).toBe("/");
		// Run again, the step that went there begins where it began.
		expect((await planned(test, "true", { name: "go-there" })).cwd).toBe(test.host.directory);
	});

	it("starts in the directory that the step names", async () => {
		const test = testRun({ values: { app: "shop" } });
		expect((await planned(test, "ls", { attributes: { cwd: "/srv/{{app}}" } })).cwd).toBe("/srv/shop");
		expect((await planned(test, "ls", { attributes: { cwd: "sub" } })).cwd).toBe(`${test.host.directory}/sub`);
		expect((await planned(test, "ls", { attributes: { cwd: "~/x" } })).cwd).toBe(`${test.host.directory}/x`);
	});

	it("refuses a target that is no machine", async () => {
		const orders = {
			cluster: "orders",
			kind: "redis",
			environment: "lab" as const,
			members: [{ name: "a", address: "h:1", role: "master", id: "x", health: "up" as const }],
			disputes: [],
			attributes: {},
			readAt: "",
		};
		expect(await refused("ls", { topologies: [orders] }, { target: "orders.master" })).toMatchObject({
			code: "target-kind-mismatch",
		});
	});

	it("gives a script at the keyboard no default time limit", async () => {
		expect((await planned(testRun(), "vim", { attributes: { interactive: "true" } })).timeoutMs).toBe(0);
		expect((await planned(testRun(), "ls")).timeoutMs).toBe(20_000);
	});
});

describe("until", () => {
	const until = { expression: "result == 'three'", everyMs: 20, timeoutMs: 5_000 };

	it("repeats a script that reads until it holds", async () => {
		const test = testRun();
		const body = `n=$(cat n 2>/dev/null || true); echo "\${n}x" > n; case "$n" in xx) echo three;; *) echo "only $n";; esac`;
		const { result, problem } = await run(test, body, { risk: "read", until });
		expect(problem).toBeUndefined();
		expect(result).toBe("three");
		expect(test.sent.length).toBe(3);
		expect(test.told[0]).toBe("result == 'three'");
	});

	it("ends in time and says what it saw last", async () => {
		const short = { ...until, timeoutMs: 150 };
		const { problem } = await run(testRun(), "echo two", { risk: "read", until: short });
		expect(problem).toMatchObject({ code: "timeout", data: { wanted: until.expression, got: '"two"' } });
	});

	it("never repeats what may change something", async () => {
		expect(await refused("echo x >> file", {}, { until })).toMatchObject({ code: "step-invalid" });
	});
});

describe("finally", () => {
	it("runs its line with the session's values", async () => {
		const test = testRun({ values: { file: "left behind" } });
		const plan = await planned(test, "touch '{{nothing}}'", { finally: [{ run: "echo removed {{file}}" }] });
		const command = plan.finally[0]?.command;
		expect(command?.text).toBe(`echo removed "\${file}"`);
		if (command) await shellExecutor(test.host).executeFinally(command, test.run, plan);
		expect(test.shown()).toContain("removed left behind");
	});

	it("tells a line that failed", async () => {
		const test = testRun();
		const plan = await planned(test, "true", { finally: [{ run: "exit 4" }] });
		const command = plan.finally[0]?.command;
		const result = command && (await shellExecutor(test.host).executeFinally(command, test.run, plan));
		expect(result?.problem).toMatchObject({ code: "command-failed" });
	});
});
