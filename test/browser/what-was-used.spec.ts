import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { sessionOf, startSession, stepCard, stepIs } from "../support/session-page.ts";

const long = `${"a-long-value-".repeat(12)}end`;
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"uses.md",
		`---
title: Uses values
parameters:
  place: { type: string, required: true }
  words: { type: string, required: true }
  key: { type: secret, required: true }
---

\`\`\`sh {"name":"look","title":"Look at it","risk":"change"}
echo "looking at {{place}} {{words}}" && test -n {{key}}
\`\`\`

\`\`\`sh {"name":"after","title":"After it","risk":"read"}
echo after
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

test("the values that a command uses stand beside it, in the question and in the replay, a secret as dots and a long one whole at a press", async () => {
	const page = await world.person("alice");
	await startSession(page, "Uses values", { place: "web-1", words: long, key: "hunter22hunter" });
	const look = stepCard(page, "Look at it");
	await expect(look.getByText("$place = web-1")).toBeVisible();
	await expect(look.getByText(/\$key = ••••/)).toBeVisible();
	await expect(look.getByText(long, { exact: true })).toBeHidden();
	await look.getByText("a-long-value-").first().click();
	await expect(look.getByText(long, { exact: true })).toBeVisible();

	await look.getByRole("button", { name: /^Run/ }).click();
	const asks = page.getByRole("alertdialog", { name: "Confirm Look at it" });
	await expect(asks.getByText("$place = web-1")).toBeVisible();
	await page.keyboard.press("y");
	await stepIs(page, "Look at it", "succeeded");
	await expect(page.getByText("hunter22hunter")).toHaveCount(0);

	await page.goto(`/record/${sessionOf(page)}`);
	await page.getByRole("button", { name: /Look at it/ }).first().click();
	await expect(page.getByText("$place = web-1")).toBeVisible();
	await expect(page.getByText("$key = ••••")).toBeVisible();
	expect(world.faults).toEqual([]);
});
