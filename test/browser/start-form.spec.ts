import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"asks-three.md",
		`---
title: Asks for three values
parameters:
  who: { type: string, required: true }
  howlong: { type: duration, required: true }
  many: { type: number, required: true, pattern: "[0-9]+" }
---

\`\`\`sh {"name":"say","risk":"read"}
echo "{{who}} {{howlong}} {{many}}"
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

test("Start with wrong fields starts nothing, says beside each what is wrong, and leads to the first of them", async () => {
	const page = await world.person("alice");
	await page.getByRole("link", { name: "Asks for three values", exact: true }).click();
	const start = page.getByRole("button", { name: /^Start a / });
	const field = (name: string) => page.getByLabel(new RegExp(`^${name}`));
	await field("who").fill("alice");

	await start.click();
	await expect(field("howlong")).toBeFocused();
	await expect(page.getByText("It needs a value.")).toHaveCount(2);
	await page.keyboard.type("soon");
	await page.keyboard.press("Enter");
	await expect(page.getByText("Write it as 500ms, 30s, 5m or 2h.")).toBeVisible();
	await expect(field("howlong")).toBeFocused();
	await field("howlong").fill("5m");
	await start.click();
	await expect(field("many")).toBeFocused();
	await expect(page).toHaveURL(/\/runbooks\//);

	// What only the server refuses stands beside its field too.
	await page.keyboard.type("-3");
	await page.keyboard.press("Enter");
	await expect(field("many")).toHaveAccessibleDescription(/many wants what matches/);
	await expect(field("many")).toBeFocused();
	await expect(page.getByRole("alert")).toHaveCount(1);
	await field("many").fill("3");
	await page.keyboard.press("Enter");
	await page.waitForURL(/\/sessions\//);
	expect(world.faults).toEqual([]);
});
