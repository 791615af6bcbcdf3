import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { startSession, stepCard, stepIs } from "../support/session-page.ts";
import { screenLines } from "../support/terminal-frames.ts";
import { pressRun } from "../support/walk-session.ts";

const title = "Asks much of a terminal";
const colours = "1;rgb:11/22/33;".repeat(20);
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"much.md",
		`---
title: ${title}
---

\`\`\`sh {"name":"much","title":"Much","risk":"read"}
printf 'X\\033[2000000000b\\033[999999999I\\033[999999999Z\\033[999999999L\\033[999999999M\\033[999999999S\\033[999999999T'
printf '\\033]4;'; for i in $(seq 5000); do printf '${colours}'; done; printf '\\007'
printf '\\033[H\\033[Jstill here\\r\\n'
while [ ! -e enough ]; do sleep 0.1; done
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

const answers = (page: Page) => page.evaluate(() => new Promise<string>((done) => setTimeout(() => done("yes"), 0)));

test("an output of huge counts stops neither the live page, nor one that comes later, nor the replay", async () => {
	const alice = await world.person("alice");
	await startSession(alice, title);
	await expect(stepCard(alice, "Much").getByRole("button", { name: /^Run/ })).toBeEnabled();
	await pressRun(alice);
	await expect.poll(() => screenLines(alice)).toContain("still here");
	expect(await answers(alice)).toBe("yes");

	const bob = await world.person("bob");
	await bob.goto(alice.url());
	await expect.poll(() => screenLines(bob)).toContain("still here");
	expect(await answers(bob)).toBe("yes");

	await world.writeRunbook("enough", "");
	await stepIs(alice, "Much", "succeeded");
	await alice.keyboard.press("c");
	await alice.getByLabel(/^In one sentence/).fill("It was much.");
	await alice.keyboard.press("Enter");
	await alice.getByRole("main").getByRole("link", { name: "Open the record" }).click();
	await alice.getByRole("slider", { name: "Moment of the session" }).press("End");
	await expect(alice.getByRole("region", { name: "What the session showed" }).getByText("still here")).toBeVisible();
	expect(await answers(alice)).toBe("yes");
	expect(world.faults).toEqual([]);
});
