import { expect, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { tabTo, walkSession } from "../support/walk-session.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
});

test.afterAll(async () => {
	await world?.close();
});

test("the keyboard alone gets from the sign-in link to a finished and closed failover", async () => {
	const page = await world.browser();
	await page.addInitScript(() => {
		for (const type of ["pointerdown", "mousedown", "touchstart"])
			addEventListener(type, () => sessionStorage.setItem("pointed", type), true);
	});
	const master = (await world.lab()).nodes.find((node) => node.role === "master")?.name;

	await page.goto(await world.signInLink());
	await expect(page.getByLabel("Your name")).toBeFocused();
	await page.keyboard.type("alice");
	await page.keyboard.press("Enter");

	await expect(page.getByRole("heading", { name: "Runbooks" })).toBeVisible();
	await page.keyboard.press("/");
	await page.keyboard.type("planned");
	await expect(page.getByRole("row")).toHaveCount(2);
	await page.keyboard.press("Enter");

	await tabTo(page, page.getByLabel(/^reason/), 60);
	await page.keyboard.type("rehearsed without a mouse");
	await page.keyboard.press("Enter");

	await expect(page.getByRole("region", { name: labName, exact: true })).toBeVisible();
	await walkSession(page, {
		async answer(form) {
			// The form has the focus already.
			await expect(form.getByRole("checkbox").first()).toBeFocused();
			for (const item of await form.getByRole("checkbox").all()) {
				await tabTo(page, item, 1);
				await page.keyboard.press("Space");
			}
			await tabTo(page, form.getByLabel("Evidence"), 1);
			await page.keyboard.type("nobody is there");
		},
	});
	expect((await world.lab()).nodes.find((node) => node.role === "master")?.name).not.toBe(master);

	await page.keyboard.press("c");
	await expect(page.getByRole("dialog", { name: "Close the session" })).toBeVisible();
	await page.keyboard.type("The master has moved.");
	await page.keyboard.press("Enter");
	await expect(page.getByText("Closed as resolved. The master has moved.")).toBeVisible();
	expect(await page.evaluate(() => sessionStorage.getItem("pointed"))).toBeNull();
	expect(world.faults).toEqual([]);
});

test("a node's log scrolls by the keys of the field that narrows it", async () => {
	const page = await world.person("bob", { viewport: { width: 1440, height: 360 } });
	await page.goto("/lab");
	await page.getByRole("button", { name: "Logs" }).press("Enter");
	const log = page.getByRole("log");
	await expect(page.getByLabel("Only lines with")).toBeFocused();
	const place = () => log.evaluate((box) => box.scrollTop);
	const end = () => log.evaluate((box) => box.scrollHeight - box.clientHeight);
	await expect.poll(end).toBeGreaterThan(0);
	await expect.poll(async () => (await end()) - (await place())).toBeLessThan(2);
	await page.keyboard.press("PageUp");
	await expect.poll(async () => (await end()) - (await place())).toBeGreaterThan(24);
	const above = await place();
	await page.keyboard.press("ArrowDown");
	await expect.poll(place).toBeGreaterThan(above);
	expect(world.faults).toEqual([]);
});

test("a key works from the moment that what it is for is drawn", async () => {
	const page = await world.person("carol");
	await page.addInitScript(() => {
		const drawn = new MutationObserver(() => {
			if (document.querySelector("h1")?.textContent !== "Runbooks") return;
			drawn.disconnect();
			document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true }));
		});
		drawn.observe(document, { childList: true, subtree: true });
	});
	await page.goto("/");
	await expect(page.getByLabel("Filter the runbooks")).toBeFocused({ timeout: 5_000 });
	expect(world.faults).toEqual([]);
});
