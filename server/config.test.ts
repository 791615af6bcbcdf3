import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProblemError } from "../core/problem.ts";
import { targetKinds } from "../targets/index.ts";
import { type ConfigurationSource, readConfiguration } from "./config.ts";
import { createReadSecret } from "./config-secrets.ts";
import { labTargets } from "./config-targets.ts";

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (more: Partial<ConfigurationSource> = {}) =>
	readConfiguration({ env: {}, cwd: folder, kinds: targetKinds, ...more });

function problemOf(yaml: string) {
	writeFileSync(join(folder, "runledger.yaml"), yaml);
	try {
		read();
	} catch (error) {
		if (error instanceof ProblemError) return error.problem;
		throw error;
	}
	throw new Error("it was accepted");
}

test("without a file there are defaults: loopback, the shipped runbooks, the local target", () => {
	const configuration = read();
	expect(configuration.server).toEqual({ host: "127.0.0.1", port: 4180, origins: [], hosts: [] });
	expect(configuration.dataFolder).toBe(join(folder, ".runledger"));
	expect(configuration.runbooks).toEqual([{ name: "runbooks", folder: expect.stringMatching(/\/runbooks$/) }]);
	expect(configuration.targets.map((target) => target.name)).toEqual(["local"]);
});

test("options go before the environment, the environment before the defaults", () => {
	expect(read({ env: { RUNLEDGER_DATA: "/var/a" } }).dataFolder).toBe("/var/a");
	expect(read({ env: { RUNLEDGER_DATA: "/var/a" }, data: "b" }).dataFolder).toBe(join(folder, "b"));
	writeFileSync(join(folder, "other.yaml"), "server: { port: 1234 }\n");
	expect(read({ env: { RUNLEDGER_CONFIG: "other.yaml" } }).server.port).toBe(1234);
	expect(read({ config: "other.yaml", port: 0, host: "::1" }).server).toMatchObject({ port: 0, host: "::1" });
});

test("a whole file is read: sizes, durations, folders beside it, targets with their secrets' files beside it", () => {
	writeFileSync(
		join(folder, "runledger.yaml"),
		`runbooks: [ops, { name: shared, folder: /srv/runbooks }]
server: { origins: ["https://runledger.example"], hosts: [runledger.example] }
limits: { outputBytes: 8MiB, steps: 50, timeout: 90s }
targets:
  orders:
    kind: redis
    environment: production
    sentinels: ["10.0.0.1:26379"]
    masterName: orders
    password: { file: secrets/orders }
    tls: { ca: ca.pem }
`,
	);
	const configuration = read();
	expect(configuration.runbooks).toEqual([
		{ name: "ops", folder: join(folder, "ops") },
		{ name: "shared", folder: "/srv/runbooks" },
	]);
	expect(configuration.limits).toMatchObject({ outputBytes: 8 * 2 ** 20, steps: 50, timeoutMs: 90_000 });
	expect(configuration.targets.find((target) => target.name === "orders")).toMatchObject({
		kind: "redis",
		environment: "production",
		config: { password: { file: join(folder, "secrets/orders") }, tls: { ca: join(folder, "ca.pem") } },
	});
});

test.each([
	["server: { prot: 80 }", "server.prot", 1, 11],
	["server:\n  port: 70000", "server.port", 2, 3],
	["limits:\n  timeout: soon", "limits.timeout", 2, 3],
	["limits: { outputBytes: -1 }", "limits.outputBytes", 1, 11],
	["nonsense: 1", "nonsense", 1, 1],
	['server:\n  origins: ["https://a.example/path"]', "server.origins.0", 2, 13],
	["targets:\n  orders: { kind: mysql, environment: lab }", "targets.orders.kind", 1, 1],
	["targets:\n  orders: { kind: redis, environment: test }", "targets.orders.environment", 2, 26],
	['targets:\n  orders: { kind: redis, environment: lab, sentinels: ["a:1"] }', "targets.orders.masterName", 1, 1],
	['targets:\n  "a b": { kind: local, environment: lab }', "targets.a b", 2, 3],
])("%s is refused at its field", (yaml, field, line, column) => {
	const told = problemOf(yaml);
	expect(told.code).toBe("config-invalid");
	expect(told.data).toEqual({ field });
	expect(told.at).toEqual({ file: join(folder, "runledger.yaml"), line, column });
});

test("broken YAML, two fields of one name and a bomb of aliases are refused with their place", () => {
	expect(problemOf("server: [").at?.line).toBe(1);
	expect(problemOf("server: {}\nserver: {}").at?.line).toBe(2);
	const bomb = `a: &a [1]\n${Array.from({ length: 30 }, (_, i) => `b${i}: [*a,*a,*a]`).join("\n")}`;
	expect(problemOf(bomb).code).toBe("config-invalid");
});

test("a named file that is not there is refused, an unnamed one is not missed", () => {
	expect(() => read({ config: "gone.yaml" })).toThrow(/named is not there/);
	expect(read().file).toBeNull();
});

test("the targets of labs are read from their folders, and a broken one stops no other", () => {
	for (const [lab, yaml] of [
		["one", "targets: { one: { kind: redis, environment: lab, endpoints: ['127.0.0.1:1'] } }"],
		["two", "targets: ["],
	] as const) {
		mkdirSync(join(folder, "labs", lab), { recursive: true });
		writeFileSync(join(folder, "labs", lab, "targets.yaml"), yaml);
	}
	const { targets, problems } = labTargets(folder, targetKinds);
	expect(targets.map((target) => target.name)).toEqual(["one"]);
	expect(problems.map((problem) => problem.code)).toEqual(["config-invalid"]);
	expect(labTargets(join(folder, "nowhere"), targetKinds).targets).toEqual([]);
});

test("a named pipe in place of the file, or of a credential, is refused and not waited for", () => {
	const pipe = join(folder, "pipe");
	execFileSync("mkfifo", [pipe]);
	expect(() => read({ config: "pipe" })).toThrow("not a regular file");
	expect(() => createReadSecret({})({ file: pipe })).toThrow("not a regular file");
});
