import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { eventsOf, startSession, stepCard } from "../support/session-page.ts";
import { walkSession } from "../support/walk-session.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
});

test.afterAll(async () => {
	await world?.close();
});

/** What the journal alone says: the longest stretch without an acknowledged write, in milliseconds, and how many there are. */
async function readJournal(file: string): Promise<{ rtoMs: number; acknowledged: number }> {
	const acked = (await readFile(file, "utf8"))
		.trim()
		.split("\n")
		.map((line) => (JSON.parse(line) as { acked?: number }).acked)
		.filter((at) => at !== undefined)
		.sort((a, b) => a - b);
	const gaps = acked.slice(1).map((at, i) => at - (acked[i] ?? at));
	return { rtoMs: Math.round(Math.max(...gaps)), acknowledged: acked.length };
}

test("a killed master is followed to the end by its runbook, whose numbers are those of the probe's journal", async () => {
	test.setTimeout(240_000);
	const page = await world.person("alice");
	await world.probe.start();
	await expect.poll(async () => (await world.probe.check()).acknowledged).toBeGreaterThan(300);
	const lost = (await world.lab()).nodes.find((node) => node.role === "master");

	await startSession(page, "The Redis master is down", { cluster: labName });
	const cluster = page.getByRole("region", { name: labName, exact: true });
	await expect(cluster.getByRole("img", { name: `${lost?.name}: master` })).toBeVisible();
	let fault: Promise<string> | null = null;
	await walkSession(page, {
		async before() {
			// The first step waits for it.
			fault ??= world.cli("lab", "fault", "kill", `${labName}.master`, "--for", "300s");
		},
		async answer(form, title) {
			for (const item of await form.getByRole("checkbox").all()) await item.check({ timeout: 10_000 });
			if (title === "Bring the old master back") {
				await fault;
				await expect(cluster.getByRole("img", { name: new RegExp(`${lost?.name}: (?!master|replica)`) })).toBeVisible();
				await form.getByRole("textbox").first().fill("It was killed by the test.");
				await world.cli("lab", "heal", labName);
			} else if (title === "What was lost") {
				const counted = await world.probe.check();
				await form.getByRole("textbox").first().fill(String(counted.lost));
				await form.getByLabel("Evidence").fill(`${counted.acknowledged} were acknowledged to the probe`);
			}
		},
	});

	const probe = await world.probe.stop();
	const journal = await readJournal(probe.journal ?? "");
	expect(journal.acknowledged).toBe(probe.acknowledged);
	expect(Math.abs(journal.rtoMs - (probe.rtoMs ?? 0))).toBeLessThanOrEqual(1);
	expect(probe.rtoMs).toBeGreaterThan(1_000);
	expect(probe.rtoMs).toBeLessThan(60_000);

	// What the runbook says is what the journal says.
	const finished = (await eventsOf(page)).filter((event) => event.type === "run.finished");
	const resultOf = (step: string) => {
		const data = finished.findLast((event) => (event.data as { step: string }).step === step)?.data;
		return JSON.parse((data as { result: { content: string } } | undefined)?.result.content ?? "null") as unknown;
	};
	expect(resultOf("what-was-lost")).toMatchObject({ answer: probe.lost });
	const said = await stepCard(page, "What was lost").innerText();
	const withoutWrites = Number(/Time without writes, seen from here: about (\d+\.\d) s/.exec(said)?.[1]) * 1_000;
	// It reads the set once or twice a second, less often on a busy machine; when the silence began is known to a second.
	expect(Math.abs(withoutWrites - journal.rtoMs)).toBeLessThan(3_000);

	const nodes = (await world.lab()).nodes;
	expect(nodes.find((node) => node.name === lost?.name)).toMatchObject({ role: "replica", state: "up" });
	await expect(cluster.getByRole("img", { name: new RegExp(`${lost?.name}: replica`) })).toBeVisible();
	expect(world.faults).toEqual([]);
});
