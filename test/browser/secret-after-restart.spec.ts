import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun, pressYes } from "../support/walk-session.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"deploy.md",
		`---
title: Deploy with a token
parameters:
  token: { type: secret }
---

\`\`\`sh {"name":"deploy","title":"Use the token"}
test "$(printf %s {{token}} | rev)" = eulav-terces-dnoces
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

/** All that the page holds where somebody else could find it: its text, its fields, its storage. */
const heldByPage = (page: Page) =>
	page.evaluate(() =>
		[
			document.documentElement.outerHTML,
			...[...document.querySelectorAll("input, textarea")].map((field) => (field as HTMLInputElement).value),
			JSON.stringify({ ...localStorage }),
			JSON.stringify({ ...sessionStorage }),
		].join("\n"),
	);

test("a secret that a killed server has forgotten is set again beside the step that needs it, and the session goes on", async () => {
	const page = await world.person("alice");
	await startSession(page, "Deploy with a token", { token: "first-secret-value" });
	const card = stepCard(page, "Use the token");
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await expect(page.getByText("secret, kept in memory only", { exact: true })).toBeVisible();

	await world.server.crash();
	await world.startAgain();
	await expect(page.getByText("No line to the server")).not.toBeVisible();
	await expect(card.getByRole("alert")).toContainText("the server was started again since: its value is gone");
	await expect(card).not.toContainText("--set");
	await expect(page.getByText("secret, gone since the server was started again")).toBeVisible();
	await expect(card.getByRole("button", { name: /^Run/ })).toBeDisabled();

	const field = card.getByLabel("token");
	await expect(field).toHaveAttribute("type", "password");
	// What is refused is not left in the field either.
	await field.fill("abc");
	await field.press("Enter");
	await expect(card.getByText("it could not be kept out of the output")).toBeVisible();
	await expect(field).toHaveValue("");
	await field.fill("second-secret-value");
	expect(await heldByPage(page)).toContain("second-secret-value");
	await field.press("Enter");
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await expect(field).toHaveCount(0);
	await expect(page.getByText("secret, kept in memory only", { exact: true })).toBeVisible();
	expect(await heldByPage(page)).not.toContain("second-secret-value");

	await pressRun(page);
	await pressYes(page);
	await stepIs(page, "Use the token", "succeeded");
	expect(world.faults).toEqual([]);
});

test("a secret that is gone is set again among the values, also where no step asks for it yet; who only watches is told who can", async () => {
	const page = await world.person("alice");
	await startSession(page, "Deploy with a token", { token: "first-secret-value" });
	await expect(page.getByText("secret, kept in memory only", { exact: true })).toBeVisible();
	const watcher = await world.person("bob");
	await watcher.goto(page.url());
	await expect(stepCard(watcher, "Use the token").getByText("Take the baton")).toBeVisible();
	await world.server.crash();
	await world.startAgain();
	await expect(stepCard(watcher, "Use the token").getByRole("alert")).toContainText("Whoever drives can set it.");
	await expect(watcher.getByLabel("token")).toHaveCount(0);
	await page.getByRole("button", { name: "Set token again" }).click();
	await page.locator(".session-values").getByLabel("token").fill("second-secret-value");
	await page.locator(".session-values").getByRole("button", { name: "Set token" }).click();
	for (const one of [page, watcher]) {
		await expect(one.getByText("secret, kept in memory only", { exact: true })).toBeVisible();
		await expect(stepCard(one, "Use the token").getByRole("alert")).toHaveCount(0);
	}
	expect(world.faults).toEqual([]);
});
