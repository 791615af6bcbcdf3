import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProblemError } from "../../core/problem.ts";
import { type EnsureOptions, ensurePrograms } from "./ensure-programs.ts";

/*
 * A machine of its own: a root folder, and a PATH on which only what a test puts there is found. Its apt-get notes how it was
 * called and whether services were forbidden at that moment; installing for real would need a network in every test.
 */
let root: string;
let bin: string;
let said: string[];

const needed = [
	{ program: "redis-server", package: "redis-server" },
	{ program: "redis-sentinel", package: "redis-sentinel" },
];

function program(name: string, body = "exit 0"): void {
	writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
	chmodSync(join(bin, name), 0o755);
}

/** An apt-get that fails `failures` times before it installs. */
function apt(failures = 0): void {
	const bring = needed.map(({ program: name }) => `printf '#!/bin/sh\\n' > ${bin}/${name}; chmod 755 ${bin}/${name}`);
	program(
		"apt-get",
		`policy=none; [ -x ${root}/usr/sbin/policy-rc.d ] && { ${root}/usr/sbin/policy-rc.d; policy=$?; }
echo "$* | policy $policy | $DEBIAN_FRONTEND" >> ${root}/calls
case "$*" in *install*) ;; *) exit 0 ;; esac
[ "$(grep -c install ${root}/calls)" -gt ${failures} ] || { echo "E: Unable to locate package"; exit 100; }
${bring.join("\n")}`,
	);
}

const calls = () =>
	existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8").trimEnd().split("\n") : [];

function ensure(more: Partial<EnsureOptions> = {}): Promise<void> {
	return ensurePrograms(needed, {
		path: `${bin}:/usr/bin-without-redis`,
		root,
		isRoot: true,
		ask: null,
		say: (text) => said.push(text),
		...more,
	});
}

async function problemOf(attempt: Promise<void>) {
	const error = await attempt.then(
		() => null,
		(thrown: unknown) => thrown,
	);
	if (error instanceof ProblemError) return error.problem;
	throw new Error(`no problem: ${String(error)}`);
}

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "machine-"));
	bin = join(root, "bin");
	said = [];
	mkdirSync(bin);
	mkdirSync(join(root, "usr/sbin"), { recursive: true });
	// The machine's own shell and grep, by their paths: the PATH has neither.
	for (const tool of ["grep", "chmod"]) program(tool, `exec /bin/${tool} "$@"`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("as root", () => {
	test("it says what it will do, and does that: one install without a question, services forbidden meanwhile", async () => {
		apt();
		await ensure();
		expect(said[0]).toBe(
			"Not on this machine: redis-server, redis-sentinel. I will run `apt-get install --no-install-recommends redis-sentinel redis-server`; no service is started or enabled.",
		);
		expect(calls()).toEqual([
			"-y -q --no-install-recommends install redis-sentinel redis-server | policy 101 | noninteractive",
		]);
		expect(existsSync(join(root, "usr/sbin/policy-rc.d"))).toBe(false);
		await ensure();
		expect(calls()).toHaveLength(1);
	});

	test("only what is missing is installed", async () => {
		apt();
		program("redis-server");
		await ensure();
		expect(calls()).toEqual([expect.stringContaining("install redis-sentinel |")]);
	});

	test("with old lists it updates them and tries once more", async () => {
		apt(1);
		await ensure();
		expect(calls().map((call) => call.split(" |")[0])).toEqual([
			"-y -q --no-install-recommends install redis-sentinel redis-server",
			"-q update",
			"-y -q --no-install-recommends install redis-sentinel redis-server",
		]);
		expect(said.join("\n")).toContain("    E: Unable to locate package");
	});

	test("when apt can't, it names the command, and services may start again", async () => {
		apt(9);
		expect(await problemOf(ensure())).toMatchObject({
			code: "lab-binary-missing",
			detail: expect.stringContaining("apt could not install it"),
			next: "Run `apt-get install --no-install-recommends redis-sentinel redis-server`, then try again.",
		});
		expect(existsSync(join(root, "usr/sbin/policy-rc.d"))).toBe(false);
	});

	test("a policy that the machine has already stays as it is", async () => {
		const policy = join(root, "usr/sbin/policy-rc.d");
		writeFileSync(policy, "#!/bin/sh\nexit 104\n", { mode: 0o755 });
		apt();
		await ensure();
		expect(calls()[0]).toContain("policy 104");
		expect(readFileSync(policy, "utf8")).toContain("exit 104");
	});

	test("what was enabled all the same is disabled again", async () => {
		apt();
		const wants = join(root, "etc/systemd/system/multi-user.target.wants");
		mkdirSync(wants, { recursive: true });
		writeFileSync(join(wants, "redis-server.service"), "");
		program("systemctl", `echo "systemctl $*" >> ${root}/calls`);
		await ensure();
		expect(calls().at(-1)).toBe("systemctl disable --quiet redis-server.service");
	});

	test("a person who is there is asked first, and a no is obeyed", async () => {
		apt();
		const asked: string[] = [];
		const ask = async (question: string) => {
			asked.push(question);
			return false;
		};
		expect(await problemOf(ensure({ ask }))).toMatchObject({ detail: expect.stringContaining("you did not want it") });
		expect(asked).toHaveLength(1);
		expect(calls()).toEqual([]);
		await ensure({ ask: async () => true });
		expect(calls()).toHaveLength(1);
	});
});

test("without root it runs nothing and names the exact command", async () => {
	apt();
	expect(await problemOf(ensure({ isRoot: false }))).toEqual({
		code: "lab-binary-missing",
		severity: "error",
		detail: "redis-server, redis-sentinel: not on this machine, and only root can install it.",
		next: "Run `sudo apt-get install --no-install-recommends redis-sentinel redis-server`, then try again.",
	});
	expect(calls()).toEqual([]);
});

test("without apt it says what is needed, whoever asks", async () => {
	for (const isRoot of [true, false]) {
		expect(await problemOf(ensure({ isRoot }))).toMatchObject({
			detail: expect.stringContaining("there is no apt"),
			next: expect.stringContaining("package manager"),
		});
	}
});
