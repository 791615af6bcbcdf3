import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LabStatus } from "../../core/lab.ts";
import { type CliProcess, startCli } from "../../test/support/cli-process.ts";
import { connectPage, signInByLink } from "../../test/support/server-process.ts";

let folder: string;
let data: string;
let demo: CliProcess | undefined;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "cli-demo-"));
	data = join(folder, "data");
});

afterAll(async () => {
	demo?.child.kill("SIGKILL");
	await startCli(["lab", "down", "--all", "--data", data], folder).ended;
	rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Starts the demo and gives what it said when it answers. */
async function startDemo(port: string): Promise<{ url: string; signIn: string; note: string }> {
	const started = startCli(["demo", "--port", port, "--data", data], folder);
	demo = started;
	await expect.poll(() => started.said.out, { timeout: 50_000 }).toContain("Ctrl+C ends");
	const { out, err } = started.said;
	return { url: /at (http:\S+)/.exec(out)?.[1] ?? "", signIn: /once: (\S+)/.exec(out)?.[1] ?? "", note: err };
}

const lab = async (...args: string[]) => {
	const { code, out, err } = await startCli(["lab", ...args, "--data", data, "--json"], folder).ended;
	expect(code, err).toBe(0);
	return JSON.parse(out) as LabStatus;
};
const addresses = (status: LabStatus) => status.nodes.map((node) => node.address);

async function connectWhenListening(url: string, cookie: string) {
	for (;;) {
		try {
			return await connectPage(url, cookie);
		} catch {
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}

test("a demo that was killed and is started again goes on with its living cluster, which is there before anybody can come", async () => {
	const first = await startDemo("0");
	expect(first.note).toContain("Starting the cluster");
	const cookie = await signInByLink(first.url, first.signIn, "Mara");
	const before = addresses(await lab("status", "orders"));
	demo?.child.kill("SIGKILL");
	await once(demo?.child as CliProcess["child"], "exit");

	const second = startDemo(new URL(first.url).port);
	// A page that was open comes back in the first moment that it can.
	const page = await connectWhenListening(first.url, cookie);
	expect((await page.request("topology.watch", { cluster: "orders" })).topology).toBeDefined();
	expect((await second).note).toContain("The cluster 'orders' is up already");
	expect(addresses(await lab("status", "orders"))).toEqual(before);

	// While it serves, pages are told of clusters that go and come.
	let told = 0;
	page.socket.on("targets.changed", () => told++);
	await lab("down", "orders");
	await expect.poll(() => told).toBe(1);
	await expect(page.request("topology.watch", { cluster: "orders" })).rejects.toMatchObject({
		problem: { code: "target-unknown" },
	});
	await lab("up", "redis-sentinel", "--name", "orders");
	await expect.poll(() => told).toBe(2);
	await page.request("topology.watch", { cluster: "orders" });
	page.close();
}, 120_000);

test("a demo beside one that runs says where that answers, with a fresh link, and ends well", async () => {
	const running = demo?.said.out ?? "";
	expect(running).toContain(`Another link: npx runledger signin --data ${data}`);
	const second = await startCli(["demo", "--data", data], folder).ended;
	expect(second.code, second.err).toBe(0);
	const url = /at (http:\S+)/.exec(running)?.[1] ?? "";
	expect(second.out).toContain(`Runledger runs on this data folder already, at ${url}\n`);
	const link = /once: (\S+)/.exec(second.out)?.[1] ?? "";
	expect(running).not.toContain(link);
	expect(await signInByLink(url, link, "Nils")).toMatch(/=/);
	expect(second.out).toContain("Another link: npx runledger signin");
}, 60_000);

test("a cluster that is not whole is replaced by the next demo, which says so", async () => {
	await lab("fault", "kill", "orders/cache-3");
	demo?.child.kill("SIGKILL");
	const before = addresses(await lab("status", "orders"));
	const { note } = await startDemo("0");
	expect(note).toContain("Replacing the cluster 'orders'");
	expect(addresses(await lab("status", "orders"))).not.toEqual(before);
	demo?.child.kill("SIGINT");
	expect((await demo?.ended)?.code).toBe(0);
}, 120_000);
