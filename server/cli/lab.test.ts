import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LabStatus } from "../../core/lab.ts";
import { startCli } from "../../test/support/cli-process.ts";
import { connectPage, signInByLink, startServerProcess } from "../../test/support/server-process.ts";

let folder: string;
let data: string;
/** Named by the first command, though nobody has written it. */
let config: string;

const runledger = (...args: string[]) => startCli([...args, "--data", data], folder).ended;
async function json<T>(...args: string[]): Promise<T> {
	const { code, out, err } = await runledger(...args, "--json");
	expect(code, err).toBe(0);
	expect(out.trimEnd().split("\n")).toHaveLength(1);
	return JSON.parse(out) as T;
}
const masterOf = (status: LabStatus) => status.nodes.find((node) => node.role === "master")?.name;
const status = () => json<LabStatus>("lab", "status", "orders");

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "cli-lab-"));
	data = join(folder, "data");
	config = join(folder, "etc", "runledger.yaml");
	const up = await json<LabStatus>("lab", "up", "redis-sentinel", "--name", "orders", "--config", config);
	expect(up).toMatchObject({ name: "orders", kind: "redis-sentinel", state: "up" });
	expect(up.nodes).toHaveLength(6);
}, 60_000);

afterAll(async () => {
	await runledger("lab", "down", "--all");
	rmSync(folder, { recursive: true, force: true });
}, 60_000);

test("a lab that is up is a target that run knows, without a line of configuration", async () => {
	expect(readFileSync(join(data, "labs", "orders", "targets.yaml"), "utf8")).toContain("masterName: orders");
	const file = join(folder, "who.md");
	const attributes = { name: "who", target: "orders.sentinel", expect: "size(result) == 2" };
	writeFileSync(
		file,
		`# Who\n\n\`\`\`redis ${JSON.stringify(attributes)}\nSENTINEL GET-MASTER-ADDR-BY-NAME orders\n\`\`\`\n`,
	);
	const { code, out } = await runledger("run", file, "--kind", "drill");
	expect(out).toContain("1 of 1 step succeeded.");
	expect(code).toBe(0);

	const again = await runledger("run", file, "--kind", "drill", "--config", config);
	expect(again.code, again.err).toBe(0);
}, 60_000);

test("a lab begins the configuration that is named when there is none, and nothing else does", async () => {
	expect(readFileSync(config, "utf8")).toMatch(/^# Labs are targets by themselves/);
	const { code, err } = await runledger("lab", "list", "--config", join(folder, "gone.yaml"));
	expect(code).toBe(2);
	expect(err).toContain("The configuration that was named is not there.\nWrite it, or name another with --config");
	expect(existsSync(join(folder, "gone.yaml"))).toBe(false);
}, 60_000);

test("faults, their end and reset are told as one object, beside a server too", async () => {
	const { kinds, labs } = await json<{ kinds: unknown[]; labs: LabStatus[] }>("lab", "list");
	expect(kinds).toMatchObject([{ kind: "redis-sentinel", available: true }]);
	expect(labs.map((lab) => lab.name)).toEqual(["orders"]);
	await expect.poll(async () => masterOf(await status()), { timeout: 20_000, interval: 500 }).toBe("cache-1");
	const { lines } = await json<{ lines: string[] }>("lab", "logs", "orders.master", "--lines", "3");
	expect(lines).toHaveLength(3);

	const server = await startServerProcess(data);
	try {
		const fault = await json<{ healsAt: string }>("lab", "fault", "freeze", "orders/cache-2", "--for", "60s");
		expect(Date.parse(fault.healsAt) - Date.now()).toBeGreaterThan(30_000);
		expect((await status()).nodes.find((node) => node.name === "cache-2")?.fault).toMatchObject({ kind: "freeze" });
		expect(await json("lab", "heal", "orders/cache-2")).toEqual({ lab: "orders", healed: ["cache-2"] });
		expect(await json("lab", "heal", "orders")).toEqual({ lab: "orders", healed: [] });
	} finally {
		await server.stop();
	}
	await json("lab", "fault", "stop", "orders/cache-3");
	await json("lab", "fault", "kill", "orders.master");
	const killed = (await status()).nodes.filter((node) => node.fault).map((node) => node.name);
	expect(killed).toEqual(["cache-1", "cache-3"]);
	expect(await json("lab", "heal")).toEqual({ lab: "orders", healed: ["cache-1", "cache-3"] });
	expect((await runledger("lab", "heal", "orders")).out).toBe("Nothing was broken in orders.\n");
	expect((await status()).nodes.every((node) => !node.fault)).toBe(true);
	expect(await json("lab", "reset", "orders")).toMatchObject({ lab: "orders" });
	await expect.poll(async () => masterOf(await status()), { timeout: 20_000, interval: 500 }).toBe("cache-1");
}, 120_000);

test("an idle server that watches the cluster for a page stays below 150 MB", async () => {
	const server = await startServerProcess(data);
	try {
		const page = await connectPage(server.url, await signInByLink(server.url, server.signIn, "Ann"));
		await page.request("library.list", {});
		await page.request("record.list", {});
		await page.request("topology.watch", { cluster: "orders" });
		const rssOf = (pid: number | undefined) =>
			Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
		await expect.poll(() => rssOf(server.child.pid), { timeout: 20_000, interval: 1_000 }).toBeLessThan(150);
		page.close();
	} finally {
		await server.stop();
	}
}, 60_000);

test("what it didn't start and what does not exist is refused, with a code and what to do next", async () => {
	for (const [args, code] of [
		[["lab", "fault", "kill", "local"], "usage"],
		[["lab", "fault", "kill", "payments.master"], "lab-unknown"],
		[["lab", "fault", "kill", "orders/cache-9"], "lab-node-unknown"],
		[["lab", "up", "redis-sentinel", "--name", "orders"], "lab-exists"],
		[["lab", "up", "redis-sentinel", "--name", "other", "--option", "x=1"], "bad-request"],
	] as const) {
		const ended = await runledger(...args);
		expect(ended.code, args.join(" ")).toBe(2);
		expect(ended.err).toMatch(new RegExp(`^${code}: .+\\n.+\\n$`));
		if (code === "bad-request") expect(ended.err).toMatch(/no option 'x'\.\n.*tls/);
	}
}, 60_000);

test("down leaves no process and no file", async () => {
	const pids = (await status()).nodes.flatMap((node) => (node.pid == null ? [] : [node.pid]));
	expect(pids).toHaveLength(6);
	expect(await json("lab", "down", "orders")).toEqual({ down: ["orders"] });
	expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
	expect(existsSync(join(data, "labs", "orders"))).toBe(false);
	expect((await json<{ labs: unknown[] }>("lab", "list")).labs).toEqual([]);
}, 60_000);
