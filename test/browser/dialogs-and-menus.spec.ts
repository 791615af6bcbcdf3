import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { startSession } from "../support/session-page.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
});

test.afterAll(async () => {
	await world?.close();
});

test("Escape closes a menu and leads back to its button; it closes as well when the focus goes on, or with a press beside it", async () => {
	const page = await world.person("alice");
	await expect(page.getByRole("heading", { name: "Runbooks" })).toBeVisible();
	const button = page.getByRole("button", { name: "alice: theme and sign-out" });
	const inside = page.getByRole("button", { name: "Sign out" });

	await button.press("Enter");
	await page.keyboard.press("Tab");
	await expect(page.getByRole("button", { name: "System" })).toBeFocused();
	await page.keyboard.press("Escape");
	await expect(inside).toHaveCount(0);
	await expect(button).toBeFocused();

	await button.press("Enter");
	await inside.focus();
	await page.keyboard.press("Tab");
	await expect(inside).toHaveCount(0);

	await button.click();
	await expect(inside).toBeVisible();
	await page.getByRole("heading", { name: "Runbooks" }).click();
	await expect(inside).toHaveCount(0);
	expect(world.faults).toEqual([]);
});

test("Ctrl+Enter sends a dialog from each of its fields, once it is ready", async () => {
	await world.writeRunbook("one.md", "---\ntitle: One step\n---\n\n```sh\necho before\n```\n");
	const page = await world.person("bob");
	await startSession(page, "One step");
	await expect(page.getByRole("button", { name: /^Run/ }).first()).toBeVisible();

	await page.keyboard.press("e");
	const editing = page.getByRole("dialog", { name: /^Edit/ });
	await expect(editing.getByLabel("The step’s text")).toBeFocused();
	// Nothing has changed yet.
	await page.keyboard.press("Control+Enter");
	await expect(editing).toBeVisible();
	await editing.getByLabel("The step’s text").fill("echo after");
	await editing.getByLabel("Why").fill("said otherwise");
	await page.keyboard.press("Control+Enter");
	await expect(editing).toHaveCount(0);
	await expect(page.getByText("echo after").first()).toBeVisible();

	await page.keyboard.press("n");
	const note = page.getByRole("dialog", { name: "Note" });
	await expect(note.getByLabel("The note")).toBeFocused();
	await page.keyboard.type("seen from the keyboard");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Control+Enter");
	await expect(note).toHaveCount(0);
	await expect(page.getByText("seen from the keyboard").first()).toBeVisible();
	expect(world.faults).toEqual([]);
});

test("closing a session begins with the first thing that it asks for and is not filled in, and leads back to it", async () => {
	await world.writeRunbook("close.md", "---\ntitle: To be closed\n---\n\n```sh\necho it\n```\n");
	const page = await world.person("carol");
	await startSession(page, "To be closed");
	await expect(page.getByRole("button", { name: /^Run/ }).first()).toBeVisible();
	await page.getByRole("button", { name: /^Close the session/ }).click();
	const closing = page.getByRole("dialog", { name: "Close the session" });
	const resolved = closing.getByRole("radio", { name: /resolved/ });
	const sentence = closing.getByLabel(/^In one sentence/);

	// A step is left, so nobody but the person knows how it ended.
	await expect(resolved).toBeFocused();
	await expect(closing.getByRole("radio", { checked: true })).toHaveCount(0);
	await sentence.fill("It was for nothing.");
	await sentence.press("Enter");
	await expect(resolved).toBeFocused();
	await page.keyboard.press("Space");
	await page.keyboard.press("ArrowUp");
	await expect(closing.getByRole("radio", { name: /abandoned/ })).toBeChecked();
	await sentence.fill("");
	await page.keyboard.press("Control+Enter");
	await expect(sentence).toBeFocused();
	await page.keyboard.press("Escape");

	// Nothing is left: it is resolved unless told, and the sentence is what is missing.
	await page.keyboard.press("s");
	await page.getByRole("dialog", { name: /^Skip/ }).getByLabel("Why").fill("no need");
	await page.keyboard.press("Enter");
	await expect(page.getByText("Every step is done")).toBeVisible();
	await page.keyboard.press("c");
	await expect(sentence).toBeFocused();
	await expect(resolved).toBeChecked();
	expect(world.faults).toEqual([]);
});
