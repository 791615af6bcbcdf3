import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { eventsOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressYes } from "../support/walk-session.ts";

const long = Array.from({ length: 12 }, (_, i) => `Paragraph ${i + 1} stands between the steps.\n`).join("\n");
const source = `---
title: Runs on
parameters:
  mode: { type: choice, choices: [small, full], default: small }
steps:
  promote: { when: "params.mode == 'full'", risk: change }
  hold: { group: grp-7, risk: change }
  fence: { group: grp-7, risk: change }
  unread: { risk: read }
---

\`\`\`sh {"name":"look","title":"Look","risk":"read"}
echo looked
\`\`\`

\`\`\`sh {"name":"promote","title":"Promote by hand"}
echo promoted > promoted
\`\`\`

${long}

\`\`\`manual {"name":"ask","title":"Ask the team","question":"What do they say?"}
\`\`\`

${long}

\`\`\`sh {"name":"hold","title":"Hold writes"}
echo held
\`\`\`

\`\`\`sh {"name":"fence","title":"Fence the old master"}
echo fenced
\`\`\`

\`\`\`sh {"name":"unread","title":"Use what is not known","cwd":"{{nowhere}}"}
echo never
\`\`\`
`;
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook("runs-on.md", source);
});

test.afterAll(async () => {
	await world?.close();
});

test("running on passes over what is not needed, and brings what needs a person before them, by its title", async () => {
	const page = await world.person("alice", { viewport: { width: 1440, height: 700 } });
	await startSession(page, "Runs on");
	await expect(stepCard(page, "Look").getByRole("button", { name: /^Run/ })).toBeEnabled();
	await page.keyboard.press("R");

	// A change that is not needed is recorded as such; nobody is asked and nothing is sent.
	await stepIs(page, "Promote by hand", "not needed");
	const events = await eventsOf(page);
	const asked = events.filter((event) => event.type === "run.requested").map((event) => event.data);
	expect(asked).toContainEqual(expect.objectContaining({ confirmation: "none", passOver: true, risk: "change" }));
	await expect(readFile(join(world.data, "..", "own", "promoted"), "utf8")).rejects.toThrow("ENOENT");

	// The question of the step that needs a person stands open, in sight, with the keyboard in it.
	const status = page.getByRole("status");
	await expect(status.filter({ hasText: "Ask the team needs a person: answer it, then run on." })).toBeVisible();
	const question = stepCard(page, "Ask the team").getByLabel("What do they say?");
	await expect(question).toBeInViewport();
	await expect(question).toBeFocused();
	// A reload gives it the keyboard again.
	await page.reload();
	await expect(question).toBeFocused();
	await expect(question).toBeInViewport();
	await page.keyboard.type("go on");
	await page.keyboard.press("Control+Enter");
	await stepIs(page, "Ask the team", "succeeded");

	// One that asks to be confirmed is brought before them as well, and only Enter asks.
	const group = stepCard(page, "Hold writes");
	await page.mouse.move(700, 300);
	// The page may be about to bring it into sight by itself; who goes up after that stays there.
	await expect(async () => {
		await page.mouse.wheel(0, -20_000);
		await expect(group).not.toBeInViewport({ timeout: 500 });
	}).toPass();
	await page.keyboard.press("R");
	await expect(
		status.filter({ hasText: "Hold writes (2 steps as one) asks to be confirmed: press Enter." }),
	).toBeVisible();
	await expect(group).toBeInViewport();
	await expect(group).toBeFocused();
	await expect(page.getByRole("alertdialog")).toHaveCount(0);
	await page.keyboard.press("Enter");
	await expect(page.getByRole("alertdialog", { name: "Confirm Hold writes (2 steps as one)" })).toBeVisible();
	await pressYes(page);
	await stepIs(page, "Fence the old master", "succeeded");

	// What it may do is told once its plan is known, not before: this one's can't be made.
	const unread = stepCard(page, "Use what is not known");
	await expect(unread.getByText("nowhere has no value yet.")).toBeVisible();
	await expect(unread.getByText(/^(reads|changes|may change|destroys)$/)).toHaveCount(0);
	await expect(page.getByText("grp-7")).toHaveCount(0);
	expect(world.faults).toEqual([]);
});
