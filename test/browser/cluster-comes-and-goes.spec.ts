import { expect, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { startSession, stepCard, stepIs } from "../support/session-page.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
	await world.writeRunbook(
		"ping.md",
		`---
title: Asks the master
parameters:
  cluster: { type: target, kind: redis }
---

\`\`\`redis {"name":"ping","target":"{{cluster}}.master","expect":"result == 'PONG'"}
PING
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

test("an open page follows its cluster and plans again when it has gone and come back, without a reload", async () => {
	const page = await world.person("alice");
	await startSession(page, "Asks the master", { cluster: labName });
	const card = stepCard(page, "Ping");
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await world.cli("lab", "down", labName);
	await expect(card.getByText(`There is no target ${labName}.`)).toBeVisible();
	await world.cli("lab", "up", "redis-sentinel", "--name", labName);
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	// What is drawn is the new cluster, as it is now.
	const master = (await world.lab()).nodes.find((node) => node.role === "master");
	await expect(
		page
			.locator(".topology")
			.getByText(master?.address ?? "", { exact: false })
			.first(),
	).toBeAttached();
	await expect(page.locator(".topology--old")).toHaveCount(0);
	await card.getByRole("button", { name: /^Run/ }).click();
	await stepIs(page, "Ping", "succeeded");
	expect(world.faults).toEqual([]);
});
