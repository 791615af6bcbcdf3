import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { countOf, eventsOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun, pressYes } from "../support/walk-session.ts";

const expected = Array.from({ length: 80 }, (_, i) => `line ${i + 1}`).join("\\n");
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"tall.md",
		`---
title: Tall cards
---

\`\`\`sh {"name":"look","title":"Look at it","risk":"read","expected":"${expected}"}
echo looked
\`\`\`

\`\`\`sh {"name":"change","title":"Change it","risk":"change","expected":"${expected}"}
echo changed
\`\`\`
`,
	);
	await world.writeRunbook(
		"group.md",
		`---
title: A tall group
---

${Array.from(
	{ length: 30 },
	(_, i) => `\`\`\`sh {"name":"part${i}","title":"Part ${i}","group":"all","risk":"change","expected":"a\\nb\\nc\\nd"}
echo first ${i}
echo second ${i}
\`\`\`
`,
).join("\n")}`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

/** Scrolls as a hand does, until the card's command is above the window and what can be done with it is still there. */
async function scrollPast(page: Page, command: string): Promise<void> {
	await page.mouse.move(700, 450);
	await expect(async () => {
		await page.mouse.wheel(0, 150);
		await expect(page.getByText(command, { exact: true })).not.toBeInViewport({ timeout: 300 });
	}).toPass({ intervals: [100] });
	// The wheel's own movement has come to its end.
	let last = -1;
	await expect
		.poll(async () => {
			const before = last;
			last = await page.evaluate(() => scrollY);
			return last === before;
		})
		.toBe(true);
}

const requested = async (page: Page) => countOf(await eventsOf(page), "run.requested");

test("nothing can be run whose command is not in sight: the button, Enter and the confirming key bring it there instead", async () => {
	const page = await world.person("alice");
	await startSession(page, "Tall cards");
	const look = stepCard(page, "Look at it");
	const run = look.getByRole("button", { name: /^Run/ });
	const show = look.getByRole("button", { name: /^Show what runs/ });
	const command = page.getByText("echo looked", { exact: true });
	await expect(run).toBeEnabled();
	await expect(show).toHaveCount(0);

	await scrollPast(page, "echo looked");
	await expect(show).toBeInViewport();
	await expect(run).toHaveCount(0);
	// A trembling finger brings it into sight and runs nothing.
	await show.dblclick();
	await expect(command).toBeInViewport();
	await expect(run).toBeInViewport();
	expect(await requested(page)).toBe(0);

	await scrollPast(page, "echo looked");
	await expect(show).toBeVisible();
	// Right after the last press it is taken for a trembling finger, and repeated.
	await expect(async () => {
		await page.keyboard.press("Enter");
		await expect(command).toBeInViewport({ timeout: 1_000 });
	}).toPass();
	await expect(run).toBeVisible();
	expect(await requested(page)).toBe(0);
	await expect(async () => {
		await page.keyboard.press("Enter");
		await stepIs(page, "Look at it", "succeeded", 2_000);
	}).toPass();
	expect(await requested(page)).toBe(1);

	// What was asked before it was scrolled away is not confirmed unseen.
	const change = stepCard(page, "Change it");
	const asks = page.getByRole("alertdialog", { name: "Confirm Change it" });
	await expect(change.getByRole("button", { name: /^(Run|Show what runs)/ })).toBeEnabled();
	await expect(async () => {
		await page.keyboard.press("Enter");
		await expect(asks).toBeVisible({ timeout: 1_000 });
	}).toPass();
	await expect(page.getByText("echo changed", { exact: true })).toBeInViewport();
	await scrollPast(page, "echo changed");
	await page.keyboard.press("y");
	await expect(page.getByText("echo changed", { exact: true })).toBeInViewport();
	await expect(asks).toBeVisible();
	expect(await requested(page)).toBe(1);
	await expect(async () => {
		await page.keyboard.press("y");
		await stepIs(page, "Change it", "succeeded", 2_000);
	}).toPass();
	expect(await requested(page)).toBe(2);
	expect(world.faults).toEqual([]);
});

test("a group is confirmed by a list of all that runs, and only once that was read to its end", async () => {
	const page = await world.person("bob");
	await startSession(page, "A tall group");
	await pressRun(page);
	const asks = page.getByRole("alertdialog");
	const list = asks.getByRole("region", { name: "All that runs" });
	const yes = asks.getByRole("button", { name: /^Yes/ });
	await expect(list.getByText("echo first 0")).toBeInViewport();
	await expect(list.getByText("echo first 29")).not.toBeInViewport();
	await expect(yes).toBeDisabled();
	// A jump to the end passes over what is between.
	await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
	await expect(list.getByText("echo first 29")).toBeInViewport();
	await expect(yes).toBeDisabled();
	await list.evaluate((element) => element.scrollTo(0, 0));
	await page.keyboard.press("y");
	expect(await requested(page)).toBe(0);
	await expect(list).toBeFocused();
	await expect(async () => {
		await page.keyboard.press("PageDown");
		await expect(yes).toBeEnabled({ timeout: 300 });
	}).toPass();
	await pressYes(page);
	await stepIs(page, "Part 29", "succeeded");
	expect(world.faults).toEqual([]);
});
