import { expect, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { countOf, eventsOf, startSession, stepCard } from "../support/session-page.ts";

const title = "Asks the master";
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
	await world.writeRunbook(
		"asks-master.md",
		`---
title: ${title}
parameters:
  cluster: { type: target, kind: redis }
---

\`\`\`redis {"name":"ping","title":"Ping","target":"{{cluster}}.master"}
PING
\`\`\`
`,
	);
});

test.afterEach(() => {
	expect(world.faults).toEqual([]);
});

test.afterAll(async () => {
	await world?.close();
});

test("an edit that can't be run is refused in its dialog, beside the text, which is kept", async () => {
	const page = await world.person("alice");
	await startSession(page, title, { cluster: labName });
	await expect(stepCard(page, "Ping").getByRole("button", { name: /^Run/ })).toBeEnabled();
	await page.keyboard.press("e");
	const edit = page.getByRole("dialog", { name: "Edit Ping" });
	const text = edit.getByLabel("The step’s text");
	const wrong = edit.getByRole("alert");

	await text.fill("@orders.replica[9] PING");
	await edit.getByRole("button", { name: /^Keep for this session/ }).click();
	await expect(wrong).toContainText("orders has 2 replicas, so there is no orders.replica[9].");
	await expect(wrong).toContainText("Look at the topology; a failover may be under way.");
	await expect(wrong).toContainText("target-role-vacant");
	await expect(text).toBeFocused();
	await expect(text).toHaveValue("@orders.replica[9] PING");
	const [textBox, note, why] = await Promise.all(
		[text, wrong, edit.getByLabel("Why")].map(async (one) => (await one.boundingBox())?.y ?? 0),
	);
	expect([textBox, note, why]).toEqual([textBox, note, why].toSorted((a, b) => (a ?? 0) - (b ?? 0)));

	await text.fill("@elsewhere.master PING");
	await page.keyboard.press("Control+Enter");
	await expect(wrong).toContainText("target-unknown");
	await text.fill("");
	await page.keyboard.press("Control+Enter");
	await expect(wrong).toContainText("step-empty");
	expect(countOf(await eventsOf(page), "step.edited")).toBe(0);

	await text.fill("@orders.replica[1] PING");
	await page.keyboard.press("Control+Enter");
	await expect(edit).toHaveCount(0);
	await expect(stepCard(page, "Ping").getByText("edited", { exact: true })).toBeVisible();
	expect(countOf(await eventsOf(page), "step.edited")).toBe(1);

	// The same for a step that is added: what is wrong with where it runs stands there.
	await page.keyboard.press("a");
	const add = page.getByRole("dialog", { name: "Add a step here" });
	await add.getByLabel("What it is for").fill("Ask another");
	await add.getByLabel("Type").selectOption("redis");
	await add.getByLabel("Where").fill("orders.replica[9]");
	await add.getByLabel("The step’s text").fill("PING");
	await page.keyboard.press("Control+Enter");
	await expect(add.getByRole("alert")).toContainText("target-role-vacant");
	await expect(add.getByLabel("Where")).toBeFocused();
	await add.getByLabel("Where").fill("orders.replica[0]");
	await page.keyboard.press("Control+Enter");
	await expect(stepCard(page, "Ask another")).toBeVisible();
});

test("Escape or a press beside a dialog loses nothing that was typed: it stands there when the dialog is opened again", async () => {
	const page = await world.person("bob");
	await startSession(page, title, { cluster: labName });
	await expect(stepCard(page, "Ping").getByRole("button", { name: /^Run/ })).toBeEnabled();
	const from = page.getByText("What you typed before and did not send.");

	await page.keyboard.press("e");
	const edit = page.getByRole("dialog", { name: "Edit Ping" });
	await expect(edit.getByLabel("The step’s text")).toHaveValue("PING");
	// Nothing was typed, so nothing is kept.
	await page.keyboard.press("Escape");
	await expect(edit).toHaveCount(0);
	await page.keyboard.press("e");
	await expect(from).toHaveCount(0);
	await edit.getByLabel("The step’s text").fill("INFO replication");
	await edit.getByLabel("Why").fill("to see more");
	await page.keyboard.press("Escape");
	await expect(edit).toHaveCount(0);
	await expect(page.getByRole("status").filter({ hasText: "Not sent; what you typed is kept" })).toBeVisible();
	await page.keyboard.press("e");
	await expect(from).toBeVisible();
	await expect(edit.getByLabel("The step’s text")).toHaveValue("INFO replication");
	await expect(edit.getByLabel("Why")).toHaveValue("to see more");
	await page.mouse.click(5, 5);
	await expect(edit).toHaveCount(0);
	await page.keyboard.press("e");
	await expect(edit.getByLabel("The step’s text")).toHaveValue("INFO replication");
	await edit.getByRole("button", { name: "Start afresh" }).click();
	await expect(edit.getByLabel("The step’s text")).toHaveValue("PING");
	await edit.getByLabel("The step’s text").fill("ECHO hello");
	await page.keyboard.press("Control+Enter");
	await expect(edit).toHaveCount(0);
	await page.keyboard.press("e");
	await expect(edit.getByLabel("The step’s text")).toHaveValue("ECHO hello");
	await expect(from).toHaveCount(0);
	await page.keyboard.press("Escape");

	await page.keyboard.press("n");
	const note = page.getByRole("dialog", { name: "Note" });
	await note.getByLabel("The note").fill("seen at three");
	await page.keyboard.press("Escape");
	await page.keyboard.press("n");
	await expect(note.getByLabel("The note")).toHaveValue("seen at three");
	await page.keyboard.press("Control+Enter");
	await expect(note).toHaveCount(0);
	await expect(page.getByText("seen at three").first()).toBeVisible();

	await page.keyboard.press("a");
	const add = page.getByRole("dialog", { name: "Add a step here" });
	await add.getByLabel("What it is for").fill("Ask the clock");
	await add.getByLabel("The step’s text").fill("date");
	await page.keyboard.press("Escape");
	await page.keyboard.press("a");
	await expect(add.getByLabel("What it is for")).toHaveValue("Ask the clock");
	await expect(add.getByLabel("The step’s text")).toHaveValue("date");
});
