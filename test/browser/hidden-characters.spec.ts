import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { startSession, stepCard } from "../support/session-page.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"hidden.md",
		`---
title: Something hidden
parameters:
  word: { type: string }
---

\`\`\`sh {"name":"say","title":"Say it","risk":"read"}
echo "{{word}}"
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

test("a character that can't be seen or that turns the text around stands by its name in values and in what will run", async () => {
	const page = await world.person("alice");
	await startSession(page, "Something hidden", { word: "a\u202eb" });
	await expect(page.getByRole("definition").filter({ hasText: /^aU\+202Eb/ })).toBeVisible();
	await expect(page.getByRole("definition").filter({ hasText: "$word = aU+202Eb" })).toBeVisible();
	const card = stepCard(page, "Say it");
	await card.getByRole("button", { name: "Edit" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByRole("textbox").first().fill("echo one\u2066two\u200b");
	await expect(dialog.getByText("echo oneU+2066twoU+200B")).toBeVisible();
	await dialog.getByRole("button", { name: "Keep for this session" }).click();
	await expect(card.getByText("echo oneU+2066twoU+200B")).toBeVisible();
	expect(world.faults).toEqual([]);
});
