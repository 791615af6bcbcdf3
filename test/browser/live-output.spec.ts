import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { countOf, eventsOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import { collectFrames, joinFrames, lastLine, recordedOutput, screenLines } from "../support/terminal-frames.ts";
import { pressRun } from "../support/walk-session.ts";

const redisCli = promisify(execFile);
const title = "Writes for a while";
let world: BrowserWorld;
let masterPort: string;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
	const master = (await world.lab()).nodes.find((node) => node.role === "master");
	masterPort = master?.address.split(":").at(-1) ?? "";
	await world.writeRunbook(
		"writes.md",
		`---
title: ${title}
parameters:
  cluster: { type: target, kind: redis }
---

\`\`\`sh {"name":"write","title":"Count on the master","risk":"read"}
i=0
while [ "$(redis-cli -p ${masterPort} GET enough)" != yes ]; do
  i=$((i + 1))
  printf 'line %04d, the master has %s\\n' "$i" "$(redis-cli -p ${masterPort} INCR counted)"
  sleep 0.02
done
\`\`\`

\`\`\`redis {"name":"after","target":"{{cluster}}.master"}
GET counted
\`\`\`
`,
	);
});

test.afterEach(() => {
	expect(world.faults).toEqual([]);
});

test.afterAll(async () => {
	await world?.close();
});

/** The step goes on until it is told that it is enough: it never ends before a slow page has come. */
const enough = async (yes: boolean) => {
	await redisCli("redis-cli", ["-p", masterPort, "SET", "enough", yes ? "yes" : "no"]);
};

test.beforeEach(() => enough(false));

const counted = async () => Number((await redisCli("redis-cli", ["-p", masterPort, "GET", "counted"])).stdout);

/** Starts the session and its first step, and puts the keyboard into its terminal, so that it stays when it has ended. */
async function begin(page: Page): Promise<void> {
	await startSession(page, title, { cluster: labName });
	await expect(stepCard(page, "Count on the master").getByRole("button", { name: /^Run/ })).toBeEnabled();
	await pressRun(page);
	await focusTerminal(page);
}

async function focusTerminal(page: Page): Promise<void> {
	const terminal = page.getByRole("textbox", { name: "Terminal input" });
	await terminal.waitFor();
	await page.keyboard.press("i");
	await expect(terminal).toBeFocused();
}

/** That a page's terminal has come to the end of the recording, and shows it. */
async function showsTheEnd(page: Page, recorded: string): Promise<void> {
	await expect(page.getByText("ended; keys typed now go nowhere")).toBeVisible();
	const all = recorded.trimEnd().split("\r\n");
	expect(all.length).toBeGreaterThan(23);
	await expect.poll(() => screenLines(page)).toEqual(all.slice(-23));
}

test("a second browser watches the output of a running step live, and can't type into it", async () => {
	const alice = await world.person("alice");
	const bob = await world.person("bob");
	await begin(alice);
	const frames = collectFrames(bob);
	await bob.goto(alice.url());
	await expect(bob.getByText("you watch; only the driver types")).toBeVisible();
	await expect(bob.getByRole("textbox", { name: "Terminal input" })).not.toBeFocused();
	await expect(alice.getByRole("button", { name: "2 here: alice, driving; bob" })).toBeVisible();
	// Both see lines that are written after bob has come.
	const next = (await lastLine(bob)) + 20;
	for (const page of [alice, bob]) await expect.poll(() => lastLine(page)).toBeGreaterThan(next);
	await stepIs(bob, "Count on the master", "running");

	await enough(true);
	await stepIs(alice, "Count on the master", "succeeded");
	const recorded = await recordedOutput(alice, "write");
	await showsTheEnd(alice, recorded);
	await stepIs(bob, "Count on the master", "succeeded");
	expect(recorded.endsWith(joinFrames(frames).text)).toBe(true);
	expect(joinFrames(frames).to).toBe(recorded.length);
	expect(countOf(await eventsOf(alice), "run.input")).toBe(0);
});

test("two people and two windows that press Run at once start it once", async () => {
	const alice = await world.person("alice");
	const bob = await world.person("bob");
	await startSession(alice, title, { cluster: labName });
	const other = await alice.context().newPage();
	for (const page of [other, bob]) await page.goto(alice.url());
	for (const page of [alice, other]) {
		await expect(stepCard(page, "Count on the master").getByRole("button", { name: /^Run/ })).toBeEnabled();
	}
	await expect(stepCard(bob, "Count on the master").getByRole("button", { name: "Take the baton" })).toBeVisible();
	const before = await counted();
	// Who has the baton is settled between the presses: it may be that none of them was the driver's.
	await expect(async () => {
		await Promise.all([
			alice.keyboard.press("Enter"),
			other.keyboard.press("Enter"),
			bob.keyboard.press("b").then(() => bob.keyboard.press("Enter")),
		]);
		await expect.poll(async () => countOf(await eventsOf(alice), "run.started"), { timeout: 2_000 }).toBe(1);
	}).toPass();
	for (const page of [alice, other, bob]) await stepIs(page, "Count on the master", "running");
	await enough(true);
	await stepIs(bob, "Count on the master", "succeeded");
	const events = await eventsOf(alice);
	const started = events.filter((event) => event.type === "run.started");
	expect(started.map((event) => (event.data as { step: string }).step)).toEqual(["write"]);
	expect(countOf(events, "run.finished")).toBe(1);
	expect(await counted()).toBe(before + (await recordedOutput(alice, "write")).trimEnd().split("\n").length);
});

test("a reload in the middle of a step catches up without a gap", async () => {
	const page = await world.person("alice");
	const frames = collectFrames(page);
	await begin(page);
	await expect.poll(() => lastLine(page)).toBeGreaterThan(40);
	const before = joinFrames(frames);
	frames.length = 0;
	await page.reload();
	await focusTerminal(page);
	await stepIs(page, "Count on the master", "running");
	await enough(true);
	await stepIs(page, "Count on the master", "succeeded");
	const recorded = await recordedOutput(page, "write");
	await showsTheEnd(page, recorded);
	expect(recorded.slice(before.from, before.to)).toBe(before.text);
	const after = joinFrames(frames);
	expect(after.to).toBe(recorded.length);
	expect(recorded.slice(after.from)).toBe(after.text);
});

test("a line that breaks in the middle of a step is said at once, the step goes on, and the page catches up byte by byte", async () => {
	const proxy = await openTcpProxy(Number(new URL(world.url).port));
	try {
		const page = await world.browser({ baseURL: `http://127.0.0.1:${proxy.port}` });
		const link = new URL(await world.signInLink());
		await page.goto(link.pathname + link.search);
		await page.getByLabel("Your name").fill("alice");
		await page.getByRole("button", { name: "Sign in" }).click();
		const frames = collectFrames(page);
		await begin(page);
		await expect.poll(() => lastLine(page)).toBeGreaterThan(30);
		proxy.cut();
		await expect(page.getByText("No line to the server")).toBeVisible();
		const seen = joinFrames(frames).to;
		const at = await counted();
		await expect.poll(counted).toBeGreaterThan(at + 40);
		expect(joinFrames(frames).to).toBe(seen);
		proxy.mend();
		await expect(page.getByText("No line to the server")).not.toBeVisible();
		const back = await counted();
		await expect.poll(counted).toBeGreaterThan(back + 10);
		await enough(true);
		await stepIs(page, "Count on the master", "succeeded");
		const recorded = await recordedOutput(page, "write");
		await showsTheEnd(page, recorded);
		// A slow page may have begun with the screen as it was; after the cut every byte came, and each once.
		expect(frames.slice(1).filter((frame) => frame.kind === "snapshot")).toEqual([]);
		const { from, to, text } = joinFrames(frames);
		expect(from).toBeLessThan(seen);
		expect(to).toBe(recorded.length);
		expect(text).toBe(recorded.slice(from));
	} finally {
		await proxy.close();
	}
});

test("a card's output takes the place of its terminal in one go: nothing below moves up and down again", async () => {
	const page = await world.person("erin");
	await startSession(page, title, { cluster: labName });
	await expect(stepCard(page, "Count on the master").getByRole("button", { name: /^Run/ })).toBeEnabled();
	await pressRun(page);
	await expect(page.getByText(/line 0040/)).toBeVisible();
	const heights = page.evaluate(async () => {
		const seen: { height: number; live: boolean }[] = [];
		const card = document.querySelector("[data-unit]") as HTMLElement;
		for (let after = 0; after < 30; ) {
			await new Promise((resolve) => requestAnimationFrame(resolve));
			const live = card.querySelector(".live-terminal") !== null;
			seen.push({ height: Math.round(card.getBoundingClientRect().height), live });
			if (!live) after += 1;
		}
		return seen;
	});
	await enough(true);
	const seen = await heights;
	await stepIs(page, "Count on the master", "succeeded");
	const after = seen.filter(({ live }) => !live).map(({ height }) => height);
	expect(seen.length).toBeGreaterThan(after.length);
	expect(Math.min(...after)).toBe(after.at(-1));
});
