import { createHash } from "node:crypto";
import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { eventsOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { recordedOutput } from "../support/terminal-frames.ts";
import { pressRun } from "../support/walk-session.ts";

const title = "Says a word";
let world: BrowserWorld;

const says = (word: string) => `---
title: ${title}
---

The word is ${word}.

\`\`\`sh {"name":"say","title":"Say it","risk":"read"}
echo "${word}"
\`\`\`

\`\`\`sh {"name":"again","title":"Say it again","risk":"read"}
echo "${word} ${word}"
\`\`\`
`;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook("says.md", says("old"));
});

test.afterAll(async () => {
	await world?.close();
});

test("a runbook that is edited under an open session is said to have changed, and the session goes on with what it opened", async () => {
	const page = await world.person("alice");
	await startSession(page, title);
	const main = page.getByRole("main");
	await expect(main.getByText("The word is old.")).toBeVisible();
	const changed = main.getByText("The runbook’s file has changed since this session was opened");
	await expect(changed).toHaveCount(0);

	await world.writeRunbook("says.md", says("new"));
	await expect(changed).toBeVisible();
	const card = stepCard(page, "Say it");
	await expect(card.getByText('echo "old"')).toBeVisible();
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await pressRun(page);
	await stepIs(page, "Say it", "succeeded");
	expect(await recordedOutput(page, "say")).toBe("old\r\n");

	// Whoever comes later reads the same; what the file is now is one press away, and opens as such.
	await page.reload();
	await expect(changed).toBeVisible();
	await expect(main.getByText("The word is old.")).toBeVisible();
	const other = await page.context().newPage();
	await other.goto(page.url());
	await other.getByRole("link", { name: "See the file now" }).click();
	await expect(other.getByText("The word is new.")).toBeVisible();

	await world.removeRunbook("says.md");
	await expect(main.getByText("The runbook’s file is gone since this session was opened")).toBeVisible();
	await expect(stepCard(page, "Say it again").getByRole("button", { name: /^Run/ })).toBeEnabled();
	await pressRun(page);
	await stepIs(page, "Say it again", "succeeded");
	expect(await recordedOutput(page, "again")).toBe("old old\r\n");

	// As it was opened again: there is nothing to say any more.
	await world.writeRunbook("says.md", says("old"));
	await expect(main.getByText("The runbook’s file")).toHaveCount(0);

	const digests = (await eventsOf(page))
		.filter((event) => event.type === "runbook.changed")
		.map((event) => (event.data as { digest: string | null }).digest);
	const digest = (word: string) => createHash("sha256").update(says(word)).digest("hex");
	expect(digests).toEqual(expect.arrayContaining([digest("new"), null]));
	expect(digests.at(-1)).toBe(digest("old"));
	const report = JSON.parse(await world.cli("verify", world.data, "--json")) as { ok: boolean };
	expect(report.ok).toBe(true);
	expect(world.faults).toEqual([]);
});
