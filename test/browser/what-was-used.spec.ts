import { expect, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { sessionOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun, pressYes } from "../support/walk-session.ts";

const long = `${"a-long-value-".repeat(12)}end`;
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
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
	await world.writeRunbook(
		"asks-master.md",
		`---
title: Asks the master
parameters:
  cluster: { type: target, kind: redis }
---

\`\`\`redis {"name":"ask","title":"Ask it","target":"{{cluster}}.master"}
PING
ECHO told
\`\`\`

\`\`\`redis {"name":"wrong","title":"Ask the wrong","target":"{{cluster}}.master","expect":"result == 'told'"}
ECHO other
\`\`\`

\`\`\`sh {"name":"here","title":"Ask here","risk":"read"}
echo here
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
	await pressYes(page);
	await stepIs(page, "Look at it", "succeeded");
	await expect(page.getByText("hunter22hunter")).toHaveCount(0);

	await page.goto(`/record/${sessionOf(page)}`);
	await page
		.getByRole("button", { name: /Look at it/ })
		.first()
		.click();
	await expect(page.getByText("$place = web-1")).toBeVisible();
	await expect(page.getByText("$key = ••••")).toBeVisible();
	expect(world.faults).toEqual([]);
});

test("a step that has ended keeps what ran, with its values and what was edited before, also when it would do another thing now", async () => {
	const page = await world.person("bob");
	await startSession(page, "Uses values", { place: "web-2", words: "few", key: "hunter22hunter" });
	const look = stepCard(page, "Look at it");
	await expect(look.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await page.keyboard.press("e");
	const edit = page.getByRole("dialog", { name: "Edit Look at it" });
	await edit.getByLabel("The step’s text").fill('echo "at {{place}}"; exit 3');
	await page.keyboard.press("Control+Enter");
	await expect(edit).toHaveCount(0);
	await expect(look.getByText("As edited")).toBeVisible();
	await look.getByRole("button", { name: /^Run/ }).click();
	await pressYes(page);
	await stepIs(page, "Look at it", "failed");
	const ran = look.locator("details").filter({ has: page.getByText(/^Ran on /) });
	await expect(ran).toContainText("exit 3");
	await expect(ran).toContainText("$place = web-2");
	const change = look.locator("details").filter({ has: page.getByText("It was edited before") });
	await expect(change).toContainText('-echo "looking at {{place}} {{words}}" && test -n {{key}}');
	await expect(change).toContainText('+echo "at {{place}}"; exit 3');

	// What it would do next is another thing than what ran.
	await page.keyboard.press("e");
	await edit.getByLabel("The step’s text").fill("echo other");
	await page.keyboard.press("Control+Enter");
	await expect(edit).toHaveCount(0);
	await expect(look.getByText("Run again, it does:")).toBeVisible();
	await expect(ran).toContainText("exit 3");
	await expect(ran).not.toContainText("echo other");
	expect(world.faults).toEqual([]);
});

test("what the output says again before each answer stands there alone, folded above it when it went wrong", async () => {
	const page = await world.person("carol");
	await startSession(page, "Asks the master", { cluster: labName });
	for (const title of ["Ask it", "Ask the wrong", "Ask here"]) {
		await expect(stepCard(page, title).getByRole("button", { name: /^Run/ })).toBeEnabled();
		await pressRun(page);
		await stepIs(page, title, title === "Ask the wrong" ? "failed" : "succeeded");
		if (title === "Ask the wrong") await page.keyboard.press("j");
	}
	await stepCard(page, "Ask it").getByRole("button", { name: "Ask it" }).click();
	const ranOf = (title: string) =>
		stepCard(page, title)
			.locator("details")
			.filter({ has: page.getByText(/^Ran on /) });
	await expect(stepCard(page, "Ask it").locator(".output-text")).toContainText("> ECHO told");
	await expect(ranOf("Ask it")).toHaveCount(0);
	await expect(ranOf("Ask the wrong")).not.toHaveAttribute("open");
	await expect(ranOf("Ask here")).toHaveAttribute("open");
	expect(world.faults).toEqual([]);
});
