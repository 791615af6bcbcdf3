import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import type { Plan } from "../../core/plan.ts";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { countOf, eventsOf, startSession, stepCard } from "../support/session-page.ts";
import { currentCard, pressRun, tabTo, walkSession } from "../support/walk-session.ts";

const redisCli = promisify(execFile);
const title = "Planned failover of a Redis master";
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
});

test.afterAll(async () => {
	await world?.close();
});

const masterName = async () => (await world.lab()).nodes.find((node) => node.role === "master")?.name ?? "none";

test("a planned failover is read, confirmed once and run through by the keyboard, and a client that stays connected loses nothing", async () => {
	const page = await world.person("alice");
	await world.probe.start();
	await startSession(page, title, { cluster: labName, reason: "kernel patch on the host" });
	const oldMaster = await masterName();
	const cluster = page.getByRole("region", { name: labName, exact: true });
	await expect(cluster.getByRole("img", { name: `${oldMaster}: master` })).toBeVisible();
	await expect(cluster.getByText(/read \d.* ago/)).toBeVisible();

	const walked = await walkSession(page, {
		async answer(form) {
			for (const item of await form.getByRole("checkbox").all()) {
				await tabTo(page, item);
				await page.keyboard.press("Space");
			}
			await tabTo(page, form.getByLabel("Evidence"));
			await page.keyboard.type("bob of payments: go on");
		},
	});

	// The group asked, nothing else did; what it was to do stood there before, each command with its node.
	const groups = walked.filter((unit) => unit.titles.length > 1);
	expect(walked.filter((unit) => unit.asked)).toEqual(groups);
	expect(groups).toHaveLength(1);
	const events = await eventsOf(page);
	const commands = events
		.filter((event) => event.type === "run.requested")
		.flatMap((event) => JSON.parse((event.data as { plan: { content: string } }).plan.content) as Plan)
		.flatMap((plan) => plan.steps.flatMap((step) => step.commands));
	expect(commands.length).toBeGreaterThan(10);
	const shown = walked.map((unit) => unit.shown).join("\n");
	for (const { node, text } of commands) {
		const [known = ""] = text.split("{{");
		expect(shown).toContain(`${node.environment}:${node.name}> ${known.trim()}`);
	}
	const asked = events.filter(
		(event) => event.type === "run.requested" && (event.data as { unit: { group: boolean } }).unit.group,
	);
	expect(asked.map((event) => (event.data as { confirmation: string }).confirmation)).toEqual(["key"]);

	// The timeline went along to its end, and does so when more comes in before the page has heard of its last move.
	const timeline = page.getByRole("region", { name: "Timeline" });
	await expect(timeline.getByRole("link").last()).toBeInViewport();
	await timeline.evaluate((scroller) => {
		scroller.querySelector("ol")?.style.setProperty("padding-bottom", "400px");
		scroller.dispatchEvent(new Event("scroll"));
	});
	const below = () => timeline.evaluate((s) => s.scrollHeight - s.scrollTop - s.clientHeight);
	await expect.poll(below).toBeLessThan(2);

	// Before and after, at the end of the group that did it and beside the document.
	const newMaster = await masterName();
	expect(newMaster).not.toBe(oldMaster);
	await expect(cluster.getByRole("img", { name: `${newMaster}: master` })).toBeVisible();
	await page.getByRole("button", { name: "Release the hold", exact: true }).press("Enter");
	const change = page.getByRole("article").filter({ hasText: `${labName}, before and after` });
	await expect(change.getByRole("row", { name: new RegExp(`^${oldMaster} master`) }).first()).toBeVisible();

	// What ran is copied, not what the runbook has in the values' places.
	await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
	const whoIsMaster = stepCard(page, "Who is master");
	await whoIsMaster.getByRole("heading").hover();
	await whoIsMaster.getByRole("button", { name: "Copy the command" }).click();
	const copied = () => page.evaluate(() => navigator.clipboard.readText());
	await expect.poll(copied).toBe(`SENTINEL GET-MASTER-ADDR-BY-NAME ${labName}`);

	const probe = await world.probe.stop();
	expect(probe.lost).toBe(0);
	expect(probe.acknowledged).toBeGreaterThan(500);
	expect(probe.rtoMs).toBeLessThan(5_000);
	expect(world.faults).toEqual([]);
});

test("the group is refused when the master has moved since it was shown", async () => {
	const page = await world.person("bob");
	await startSession(page, title, { cluster: labName, reason: "a second one" });
	await walkSession(page, {
		until: "Hold writes",
		async answer(form) {
			for (const item of await form.getByRole("checkbox").all()) await item.check();
			await form.getByLabel("Evidence").fill("nobody is there");
		},
	});
	const oldMaster = await masterName();
	const group = currentCard(page);
	await expect(group.getByText(`lab:${oldMaster}> CLIENT PAUSE`)).toBeVisible();
	await pressRun(page);
	await expect(page.getByRole("alertdialog")).toBeVisible();

	// Behind the page, until every Sentinel names another one.
	const { nodes } = await world.lab();
	const oldAddress = nodes.find((node) => node.name === oldMaster)?.address;
	const sentinels = nodes.filter((node) => node.role === "sentinel").map((node) => node.address);
	const ask = async (address: string | undefined, ...command: string[]) =>
		(await redisCli("redis-cli", ["-p", address?.split(":").at(-1) ?? "", ...command])).stdout.trim();
	expect(await ask(sentinels[0], "SENTINEL", "FAILOVER", labName)).toBe("OK");
	await expect
		.poll(async () => {
			const says = sentinels.map((address) => ask(address, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", labName));
			return (await Promise.all(says)).map((said) => said.replace("\n", ":"));
		})
		.not.toContain(oldAddress);
	await page.keyboard.press("y");

	const refusal = page.getByRole("alert").filter({ hasText: "Not run: the plan has moved since it was shown" });
	await expect(refusal).toContainText(new RegExp(`${labName}\\.master: cache-\\d → cache-\\d`));
	// The next press only shows the new plan; Run is offered again after it.
	const show = group.getByRole("button", { name: /^Show what runs now/ });
	const run = group.getByRole("button", { name: /^Run/ });
	await expect(show).toBeEnabled();
	await expect(run).toHaveCount(0);
	const asked = countOf(await eventsOf(page), "run.requested");
	await page.keyboard.press("Enter");
	await expect(run).toBeVisible();
	await expect(show).toHaveCount(0);
	const events = await eventsOf(page);
	expect(countOf(events, "run.requested")).toBe(asked);
	const started = events.filter((event) => event.type === "run.started");
	expect(started.map((event) => (event.data as { step: string }).step)).not.toContain("hold-writes");
	expect(world.faults).toEqual([]);
});
