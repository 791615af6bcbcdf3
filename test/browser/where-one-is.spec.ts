import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun } from "../support/walk-session.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"three.md",
		`---
title: Three steps
steps:
  first: { risk: read }
  second: { risk: read }
  third: { risk: read }
  fourth: { risk: read }
---

\`\`\`sh {"name":"first","title":"The first"}
echo one
\`\`\`

\`\`\`sh {"name":"second","title":"The second"}
until [ -e enough ]; do sleep 0.05; done
\`\`\`

\`\`\`sh {"name":"third","title":"The third"}
echo three
\`\`\`

\`\`\`sh {"name":"fourth","title":"The fourth"}
echo four
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

/** That one card looks current, and this is it: it is marked, and no other has the focus or the accent's frame. */
async function isWhereOneIs(page: Page, title: string): Promise<void> {
	await expect(stepCard(page, title)).toHaveAttribute("aria-current", "step");
	await expect(stepCard(page, title)).toBeFocused();
	const framed = await page.evaluate(() => {
		const accent = getComputedStyle(document.documentElement).getPropertyValue("--accent").trim();
		const probe = document.body.appendChild(document.createElement("i"));
		probe.style.color = accent;
		const colour = getComputedStyle(probe).color;
		probe.remove();
		return [...document.querySelectorAll("article")]
			.filter((card) => getComputedStyle(card).boxShadow.includes(colour))
			.map((card) => card.id);
	});
	expect(framed).toHaveLength(1);
}

/** Follows the height of a unit's card frame by frame; gives by how much it was ever taller than at first, in CSS pixels. */
async function watchHeight(page: Page, unit: string): Promise<() => Promise<number>> {
	const watched = await page.evaluateHandle((name) => {
		const height = () => document.querySelector(`[data-unit="${name}"]`)?.getBoundingClientRect().height ?? 0;
		const first = height();
		const seen = { most: 0 };
		const look = () => {
			seen.most = Math.max(seen.most, height() - first);
			requestAnimationFrame(look);
		};
		look();
		return seen;
	}, unit);
	return () => watched.evaluate(({ most }) => most);
}

test("exactly one card looks current: after a reload in mid-step, with a link to a done step, and when a dialog over a card that is done closes", async () => {
	const page = await world.person("alice");
	await startSession(page, "Three steps");
	// The address names the first card, because a hand has gone there.
	await page.keyboard.press("j");
	await page.keyboard.press("k");
	await expect(page).toHaveURL(/#first$/);
	await pressRun(page);
	await stepIs(page, "The first", "succeeded");
	await isWhereOneIs(page, "The second");
	await expect(page).toHaveURL(/\/sessions\/[^#]+$/);
	// A terminal that nothing was written to yet moves nothing of what is below.
	const tallest = await watchHeight(page, "second");
	await pressRun(page);
	await stepIs(page, "The second", "running");
	await isWhereOneIs(page, "The second");
	await expect(page.locator("[data-terminal] .xterm-screen")).toBeAttached();
	await expect(page.getByText("nothing here reads the keyboard").or(page.getByText(/^press i, or here/))).toBeVisible();
	expect(await tallest()).toBeLessThan(60);

	await page.reload();
	await stepIs(page, "The second", "running");
	await isWhereOneIs(page, "The second");
	// A link to a step that is done shows it, and leaves the keys with what runs.
	await page.goto(`${page.url()}#first`);
	await page.reload();
	await expect(stepCard(page, "The first")).toBeInViewport();
	await isWhereOneIs(page, "The second");

	await writeFile(join(world.data, "..", "own", "enough"), "");
	await stepIs(page, "The second", "succeeded");
	await isWhereOneIs(page, "The third");
	await page.keyboard.press("s");
	await page.getByLabel("Why").fill("it is known");
	await page.keyboard.press("Enter");
	await stepIs(page, "The third", "skipped");
	await isWhereOneIs(page, "The fourth");
	expect(world.faults).toEqual([]);
});
