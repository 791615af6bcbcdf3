import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { sessionOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun, pressYes } from "../support/walk-session.ts";

const source = `---
title: Where it runs
parameters:
  cluster: { type: target, kind: redis }
steps:
  settle: { target: "{{cluster}}", until: "topology.reachable", timeout: 60s }
  mark: { group: both }
  where: { group: both }
  unmark: { group: both }
---

\`\`\`wait {"name":"settle","title":"Wait for the cluster"}
\`\`\`

\`\`\`redis {"name":"mark","title":"Mark it","target":"{{cluster}}.master"}
SET run-place here
\`\`\`

\`\`\`sh {"name":"where","title":"Say where I am"}
hostname
\`\`\`

\`\`\`redis {"name":"unmark","title":"Take the mark off","target":"{{cluster}}.master"}
DEL run-place
\`\`\`

\`\`\`sh {"name":"alone","title":"Ask this machine","capture":"up=exitCode"}
uptime
\`\`\`

\`\`\`redis {"name":"unread","title":"Use what is not known yet","target":"{{cluster}}.master"}
GET {{up}}
\`\`\`
`;
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
	await world.writeRunbook("where.md", source);
});

test.afterEach(() => {
	expect(world.faults).toEqual([]);
});

test.afterAll(async () => {
	await world?.close();
});

test("a wait names the cluster that it watches and where that stands, before it runs and after", async () => {
	const page = await world.person("wanda");
	await startSession(page, "Where it runs", { cluster: labName });
	const wait = stepCard(page, "Wait for the cluster");
	await expect(wait.getByRole("button", { name: /^Run on lab/ })).toBeEnabled();
	const head = wait.getByRole("heading", { level: 3 }).locator("..");
	await expect(head.getByText(labName, { exact: true })).toBeVisible();
	await pressRun(page);
	await stepIs(page, "Wait for the cluster", "succeeded");
	await expect(head.getByText(labName, { exact: true })).toBeVisible();
});

test("a step that has no plan names its target by the values that are known", async () => {
	const page = await world.person("tara");
	await startSession(page, "Where it runs", { cluster: labName });
	const card = stepCard(page, "Use what is not known yet");
	await expect(card.getByText(`${labName}.master`, { exact: true })).toBeVisible();
});

test("an environment that nobody has configured stands nowhere: the server's own machine is this server", async () => {
	const page = await world.person("alice");
	await startSession(page, "Where it runs", { cluster: labName });
	await expect(stepCard(page, "Wait for the cluster").getByRole("button", { name: /^Run on lab/ })).toBeEnabled();
	await pressRun(page);
	await stepIs(page, "Wait for the cluster", "succeeded");

	const group = stepCard(page, "Say where I am");
	await expect(group.getByRole("button", { name: /^Run on lab and this server/ })).toBeEnabled();
	// On a phone, too.
	await page.setViewportSize({ width: 390, height: 844 });
	await expect(page.locator(".phone-bar").getByText(/· changes · lab and this server/)).toBeVisible();
	await page.setViewportSize({ width: 1440, height: 900 });

	await pressRun(page);
	const asks = page.getByRole("alertdialog");
	await expect(asks).toContainText(`This changes ${labName} and this server.`);
	await expect(asks).toContainText("to run it on lab and this server");
	await expect(asks.getByRole("button", { name: /^Yes, run on lab and this server/ })).toBeVisible();
	await expect(asks.getByText(`this server:${hostname()}>`)).toBeVisible();
	await expect(page.locator("body")).not.toContainText("staging");
	await pressYes(page);
	await stepIs(page, "Take the mark off", "succeeded");

	// Alone it is still asked: nobody knows what it changes, and this machine is no lab.
	await expect(stepCard(page, "Ask this machine").getByRole("button", { name: /^Run on this server/ })).toBeEnabled();
	await pressRun(page);
	await expect(asks).toContainText("to run it on this server");
	await pressYes(page);
	await stepIs(page, "Ask this machine", "succeeded");
	await expect(page.locator("body")).not.toContainText("staging");

	const out = join(world.data, "where-it-ran");
	await world.cli("export", sessionOf(page), "--out", out);
	const account = await readFile(join(out, "account.txt"), "utf8");
	expect(account).toContain("asked to run both (change, lab and this server, confirmed by a key)");
	expect(account).toContain("asked to run alone (unknown, this server, confirmed by a key)");
	expect(account).not.toContain("staging");
	// Whoever makes the account anew comes to the same words.
	await world.cli("verify", out);
});
