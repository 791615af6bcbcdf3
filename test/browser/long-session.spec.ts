import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { longRunbook, openLongSession } from "../support/open-long-session.ts";
import { connectPage } from "../support/server-process.ts";
import { pressRun, pressYes } from "../support/walk-session.ts";

const finished = 300;
/** Elements of a folded card and its line in the outline. */
const elementsEach = 40;

// A trace would keep a picture of each of its cards.
test.use({ trace: "off" });

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook("long.md", longRunbook("A long walk", finished));
});

test.afterAll(async () => {
	await world?.close();
});

test("with hundreds of finished steps each card can be reached, its output read, and one more step run", async () => {
	test.setTimeout(400_000);
	const page = await world.person("alice");
	// The same person by another door: who opened the session drives it.
	const [cookie] = await page.context().cookies();
	const connection = await connectPage(world.url, `${cookie?.name}=${cookie?.value}`);
	const session = await openLongSession(connection, "own/long.md", finished);
	connection.close();
	await page.goto(`/sessions/${session}`);

	// Looking up by role among so many takes the browser long: selectors do.
	const bar = page.locator(".outline__progress [role=progressbar]");
	await expect(bar).toHaveAttribute("aria-valuenow", String(finished));
	await expect(bar).toHaveAttribute("aria-valuemax", String(finished + 1));
	const cards = page.locator("article[data-unit]");
	await expect(cards).toHaveCount(finished + 1, { timeout: 120_000 });
	await expect(page.locator(".outline__step")).toHaveCount(finished + 1, { timeout: 120_000 });
	expect(await page.locator("article .step--succeeded").count()).toBe(finished);
	const elements = await page.evaluate(() => document.querySelectorAll("*").length);
	expect(elements).toBeLessThan(elementsEach * finished);

	for (const step of [1, finished / 2, finished]) {
		const card = page.locator(`article[data-unit="step-${step}"]`);
		await card.scrollIntoViewIfNeeded();
		await expect(card).toBeInViewport();
		const fold = card.locator(".step__fold");
		if ((await fold.getAttribute("aria-expanded")) === "false") await fold.click();
		await expect(card.locator(".output-text__lines")).toContainText(`line of step ${step}`);
		await fold.click();
		await expect(card.locator(".output-text__lines")).toHaveCount(0);
	}

	await page.keyboard.press("h");
	const last = page.locator("article[aria-current=step]");
	await expect(last).toBeInViewport();
	await expect(last.locator(".step__title")).toHaveText("One more");
	await pressRun(page);
	await expect(last.locator("[role=alertdialog]")).toBeVisible();
	await pressYes(page);
	await expect(bar).toHaveAttribute("aria-valuenow", String(finished + 1));
	expect(world.faults).toEqual([]);
});
