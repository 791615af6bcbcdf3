import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun, pressYes } from "../support/walk-session.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"waits.md",
		`---
title: Waits for a word
---

\`\`\`manual {"name":"ask","title":"Ask first"}
Look at the door.

- [ ] It is shut
- [ ] It is locked
\`\`\`

\`\`\`sh {"name":"sleep","title":"Sleep long","risk":"change"}
sleep 600
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

test("Enter on a step that waits leads to its first open field; words of a moment go when the page moves on, and lie over no button; without a line nothing is claimed", async () => {
	const page = await world.person("alice");
	await startSession(page, "Waits for a word");
	const ask = stepCard(page, "Ask first");
	await pressRun(page);
	const shut = ask.getByRole("checkbox", { name: "It is shut" });
	await expect(shut).toBeFocused();
	await page.keyboard.press("Space");
	await ask.focus();
	await page.keyboard.press("Enter");
	await expect(ask.getByRole("checkbox", { name: "It is locked" })).toBeFocused();
	await expect(page.locator(".toast")).toHaveCount(0);
	await page.keyboard.press("Space");
	await page.keyboard.press("Control+Enter");
	await stepIs(page, "Ask first", "succeeded");

	const sleep = stepCard(page, "Sleep long");
	await pressRun(page);
	await pressYes(page);
	await expect(sleep.getByText(/^running, /)).toBeVisible();
	await page.keyboard.press("R");
	const said = page.locator(".toast").filter({ hasText: "is running." });
	await expect(said).toBeVisible();
	const box = await said.boundingBox();
	expect((box?.y ?? 900) + (box?.height ?? 0)).toBeLessThan(450);

	await world.server.crash();
	await expect(page.getByText("may be going on there; what you see is as last heard")).toBeVisible();
	await expect(sleep.getByText(/^was running when the line was lost, for /)).toBeVisible();
	expect(world.faults).toEqual([]);
});
