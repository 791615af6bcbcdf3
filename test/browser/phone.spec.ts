import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { countOf, eventsOf, startSession } from "../support/session-page.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
});

test.afterAll(async () => {
	await world?.close();
});

/** Nothing is wider than the window: a thumb never has to push the page aside. */
async function fits(page: Page, name: string): Promise<void> {
	const wide = await page.evaluate(() => {
		const { scrollWidth } = document.documentElement;
		return scrollWidth <= innerWidth
			? []
			: [...document.querySelectorAll("body *")]
					.filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
					.map((element) => `${element.tagName}.${element.className}`)
					.slice(0, 5);
	});
	expect(wide, `${name} fits into 390 px`).toEqual([]);
}

test("two taps where Run stood cancel nothing: a step that asks is then answered, and Cancel stands elsewhere", async () => {
	const options = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
	await world.writeRunbook(
		"asks.md",
		`---
title: Asks and waits
---

\`\`\`manual {"name":"ask","title":"Ask the team","evidence":"text"}
Ask them, and write down what they say.
\`\`\`

\`\`\`sh {"name":"slow","title":"Takes its time","risk":"read"}
sleep 600
\`\`\`
`,
	);
	const page = await world.person("tess", options);
	await startSession(page, "Asks and waits");
	const bar = page.locator(".phone-bar");
	const run = bar.getByRole("button", { name: "Run", exact: true });
	const cancel = bar.getByRole("button", { name: "Cancel", exact: true });
	/** Taps twice where Run stands, the second time when it has become something else. */
	const tapTwice = async () => {
		await expect(run).toBeEnabled();
		const box = await run.boundingBox();
		const at = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2] as const;
		await expect(async () => {
			if (await run.isVisible()) await page.touchscreen.tap(...at);
			await expect(cancel).toBeVisible({ timeout: 1_000 });
		}).toPass();
		const cancels = await cancel.boundingBox();
		expect((cancels?.x ?? 0) + (cancels?.width ?? 0)).toBeLessThan(box?.x ?? 0);
		await page.touchscreen.tap(...at);
		await page.waitForTimeout(600);
		await page.touchscreen.tap(...at);
	};

	await tapTwice();
	// The bar's first offer, in that very place, is the answer.
	const field = page.getByRole("article").getByRole("textbox");
	await expect(field).toBeFocused();
	await page.evaluate(() => {
		(document.activeElement as HTMLElement).blur();
		window.scrollTo(0, 0);
	});
	await bar.getByRole("button", { name: "Answer", exact: true }).tap();
	await expect(field).toBeFocused();
	await field.fill("They know.");
	await fits(page, "a step that asks");
	await page.getByRole("button", { name: /^Confirm|^Done/ }).tap();
	await expect(bar.getByText("Takes its time")).toBeVisible();

	await tapTwice();
	await expect(bar.getByText(/^running/)).toBeVisible();
	await fits(page, "a step that runs");
	expect(countOf(await eventsOf(page), "run.cancel-requested")).toBe(0);
	await cancel.tap();
	await expect.poll(async () => countOf(await eventsOf(page), "run.cancel-requested")).toBe(1);
	await expect(cancel).toHaveCount(0);
	expect(world.faults).toEqual([]);
});

test("at 390 px every page fits, and the bar below reads, follows and runs", async () => {
	const options = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
	const stranger = await world.browser(options);
	await stranger.goto("/sign-in");
	await fits(stranger, "the sign-in");

	const page = await world.person("alice", options);
	await fits(page, "the library");
	await page.goto("/runbooks/runbooks/redis/planned-failover.md");
	await expect(page.getByRole("button", { name: /^Start an? / })).toBeVisible();
	await fits(page, "the runbook");
	await startSession(page, "Health of Redis replication and Sentinel", { cluster: labName });
	const parts = page.getByRole("tablist", { name: "Parts of the session" });
	const first = page.getByRole("article").and(page.locator("[aria-current=step]")).getByRole("heading", { level: 3 });
	const title = await first.innerText();

	// The bar has the next step, its node, its risk and Run in reach.
	const bar = page.locator(".phone-bar");
	const card = page.getByRole("article").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
	await expect(bar.getByText(title)).toBeVisible();
	await expect(bar.getByText(/· reads · lab/)).toBeVisible();
	// What sticks above the bar stands on it, however high it is: nothing shows through between them.
	const sticksAt = await card
		.locator(".unit__foot")
		.evaluate((foot) => Number.parseFloat(getComputedStyle(foot).bottom));
	expect(sticksAt).toBeLessThan((await bar.boundingBox())?.height ?? 0);
	expect(sticksAt).toBeGreaterThan(((await bar.boundingBox())?.height ?? 0) - 2);
	await fits(page, "the session");
	// What runs has been in sight: from elsewhere the bar only leads there.
	await parts.getByRole("tab", { name: "Timeline" }).tap();
	await expect(bar.getByRole("button", { name: "Run", exact: true })).toHaveCount(0);
	await bar.getByRole("button", { name: "Show", exact: true }).tap();
	await expect(card).toBeInViewport();
	await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
	await expect(card).not.toBeInViewport();
	await expect(bar.getByRole("button", { name: "Run", exact: true })).toHaveCount(0);
	await bar.getByRole("button", { name: "Show", exact: true }).tap();
	await expect(card).toBeInViewport();
	expect(countOf(await eventsOf(page), "run.requested")).toBe(0);
	// Just after that a tap is a trembling finger's, and runs nothing.
	await expect(async () => {
		const run = bar.getByRole("button", { name: "Run", exact: true });
		if (await run.isEnabled()) await run.tap();
		await expect(bar.getByText(title)).toHaveCount(0, { timeout: 2_000 });
	}).toPass();
	await expect(card).toContainText("succeeded");
	// A glance at the cluster loses no place, also where what stands above grows meanwhile.
	const grown = page.locator("[data-unit]").first();
	await expect(async () => {
		await page
			.locator("[data-unit]")
			.nth(2)
			.evaluate((third) => third.scrollIntoView());
		// The page may still follow what is next.
		await page.waitForTimeout(300);
		await expect(grown).not.toBeInViewport({ timeout: 1 });
	}).toPass();
	await page.evaluate(() => {
		// Chromium would keep the place by itself; the browsers of phones do not all.
		document.documentElement.style.setProperty("overflow-anchor", "none");
		const note = () => {
			const cards = [...document.querySelectorAll<HTMLElement>("[data-unit]")];
			const inSight = cards.findIndex((card) => card.getBoundingClientRect().bottom > 0);
			sessionStorage.setItem("left", String(cards[inSight]?.dataset["unit"]));
			sessionStorage.setItem("left at", String(cards[inSight]?.getBoundingClientRect().top));
		};
		document.addEventListener("click", note, { capture: true, once: true });
	});
	for (const part of ["Cluster", "Timeline", "People", "Steps"]) {
		await parts.getByRole("tab", { name: part }).tap();
		await expect(parts.getByRole("tab", { name: part })).toHaveAttribute("aria-selected", "true");
		if (part === "Cluster") await expect(page.getByRole("region", { name: labName, exact: true })).toBeVisible();
		if (part === "Cluster") await grown.evaluate((above) => above.style.setProperty("margin-bottom", "400px"));
		if (part === "People") await expect(page.getByText("alice (you)")).toBeVisible();
		await fits(page, `the session's ${part}`);
	}
	const off = () =>
		page.evaluate(() => {
			const card = document.querySelector(`[data-unit="${sessionStorage.getItem("left")}"]`);
			return Math.abs((card?.getBoundingClientRect().top ?? Number.NaN) - Number(sessionStorage.getItem("left at")));
		});
	await expect.poll(off).toBeLessThan(2);
	await expect(grown).toHaveCSS("margin-bottom", "400px");
	await expect(grown).not.toBeInViewport();
	await expect(bar.getByText(title)).toHaveCount(0);

	const session = new URL(page.url()).pathname.split("/")[2] ?? "";
	await page.goto("/record");
	await expect(page.getByRole("link", { name: /Health of Redis/ }).first()).toBeVisible();
	await fits(page, "the record");
	await page.goto(`/record/${session}`);
	await expect(page.getByText("Whole and unaltered")).toBeVisible();
	await fits(page, "the replay");
	await page.goto("/lab");
	await expect(page.getByText("cache-1").first()).toBeVisible();
	await fits(page, "the lab");
	expect(world.faults).toEqual([]);
});
