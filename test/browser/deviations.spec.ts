import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import type { Content } from "../../core/session-event.ts";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { eventsOf, sessionOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { recordedOutput } from "../support/terminal-frames.ts";
import { pressRun, pressYes } from "../support/walk-session.ts";

const title = "Three greetings";
const source = `---
title: ${title}
---

\`\`\`sh {"name":"first","title":"Greet","risk":"read"}
word=hello
echo "$word, world"
\`\`\`

\`\`\`sh {"name":"second","title":"Greet again","risk":"read"}
echo "hello again"
\`\`\`
`;
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook("greets.md", source);
});

test.afterAll(async () => {
	await world?.close();
});

/** The data of the session's only event of a type. */
async function only(page: Page, type: string): Promise<Record<string, unknown>> {
	const found = (await eventsOf(page)).filter((event) => event.type === type);
	expect(found, type).toHaveLength(1);
	return found[0]?.data as Record<string, unknown>;
}

const textOf = (content: unknown) => (content as Content).content;

test("a step that is edited, skipped or added is recorded as such, with its difference or reason, and the replay tells it", async () => {
	const page = await world.person("alice");
	await startSession(page, title);
	const card = stepCard(page, "Greet");
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();

	// Nobody has said what this machine is.
	await expect(page.getByRole("banner")).not.toContainText("staging");

	// Edited before it runs: what changes stands there before it is kept.
	await page.keyboard.press("e");
	const edit = page.getByRole("dialog", { name: "Edit Greet" });
	const text = edit.getByRole("textbox", { name: "The step’s text" });
	await expect(text).toBeFocused();
	// A line that would silently not be run is told before anything is kept.
	await text.fill('$ word=goodbye\necho "$word, world"');
	await page.keyboard.press("Control+Enter");
	await expect(edit.getByRole("alert")).toContainText('would not run: line 2, echo "$word, world"');
	await expect(text).toBeFocused();
	await text.fill('word=goodbye\necho "$word, world"');
	await expect(edit.getByText("−word=hello")).toBeVisible();
	await expect(edit.getByText("+word=goodbye")).toBeVisible();
	await edit.getByLabel("Why").fill("it is late");
	await edit.getByRole("button", { name: /^Keep for this session/ }).click();
	await expect(edit).toHaveCount(0);
	await expect(card.getByText("edited", { exact: true })).toBeVisible();
	await expect(card.getByText("word=goodbye")).toBeVisible();
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	// The author's word that it only reads was said of another text, so it asks first.
	await pressRun(page);
	await expect(page.getByRole("alertdialog", { name: "Confirm Greet" })).toBeVisible();
	await pressYes(page);
	await stepIs(page, "Greet", "succeeded");
	expect(await recordedOutput(page, "first")).toBe("goodbye, world\r\n");
	const edited = await only(page, "step.edited");
	expect(edited).toMatchObject({ step: "first" });
	expect(textOf(edited["reason"])).toBe("it is late");
	expect(textOf(edited["diff"])).toMatch(/^-word=hello\n\+word=goodbye$/m);
	expect(await readFile(join(world.data, "..", "own", "greets.md"), "utf8")).toBe(source);

	// One that the runbook does not have, before the next.
	await page.keyboard.press("k");
	await expect(card).toHaveAttribute("aria-current", "step");
	await page.keyboard.press("a");
	const add = page.getByRole("dialog", { name: "Add a step here" });
	await expect(add.getByLabel("What it is for")).toBeFocused();
	await page.keyboard.type("Ask the clock");
	await add.getByRole("textbox", { name: "The step’s text" }).fill("echo it is late");
	await page.keyboard.press("Control+Enter");
	await expect(add).toHaveCount(0);
	const added = stepCard(page, "Ask the clock");
	await expect(added).toHaveAttribute("aria-current", "step");
	await expect(added.getByText("added", { exact: true })).toBeVisible();
	await expect(added.getByRole("button", { name: /^Run/ })).toBeEnabled();
	// Nobody has said what it risks, so it asks first.
	await pressRun(page);
	await expect(page.getByRole("alertdialog", { name: "Confirm Ask the clock" })).toBeVisible();
	await pressYes(page);
	await stepIs(page, "Ask the clock", "succeeded");
	expect(await only(page, "step.added")).toMatchObject({ step: "ask-the-clock", type: "shell", after: "first" });
	expect(await recordedOutput(page, "ask-the-clock")).toBe("it is late\r\n");

	// Skipped, and not without a reason.
	const last = stepCard(page, "Greet again");
	await expect(last).toHaveAttribute("aria-current", "step");
	await page.keyboard.press("s");
	const skip = page.getByRole("dialog", { name: "Skip Greet again" });
	await expect(skip.getByLabel("Why")).toBeFocused();
	await expect(skip.getByRole("button", { name: "Skip" })).toBeDisabled();
	await page.keyboard.press("Enter");
	await expect(skip).toBeVisible();
	await page.keyboard.type("they know it by now");
	await page.keyboard.press("Enter");
	await stepIs(page, "Greet again", "skipped");
	const skipped = await only(page, "step.skipped");
	expect(skipped).toMatchObject({ step: "second" });
	expect(textOf(skipped["reason"])).toBe("they know it by now");
	await expect(page.getByText("Every step is done")).toBeVisible();
	await expect(last).toContainText("alice skipped it: they know it by now");

	// What is looked for is found in the steps' texts, the output and the notes; the key map tells the key.
	await page.keyboard.press("?");
	await expect(page.getByRole("dialog").getByText("Search steps and output")).toBeVisible();
	await page.keyboard.press("Escape");
	await page.keyboard.press("/");
	const search = page.getByRole("searchbox", { name: "Search this session" });
	await expect(search).toBeFocused();
	await page.keyboard.type("goodbye");
	const found = page.getByRole("region", { name: "Found" });
	await expect(found.getByText("1 step, 1 place in output and notes")).toBeVisible();
	await page.keyboard.press("Shift+Enter");
	await expect(found.getByRole("button", { name: /^Greet · output/ })).toHaveAttribute("aria-current", "true");
	await expect(card.getByText("goodbye, world")).toBeInViewport();
	await page.keyboard.press("Escape");
	await expect(found).toHaveCount(0);
	// The keyboard goes on from what was found.
	await expect(card.locator("xpath=ancestor-or-self::*[@data-unit]")).toBeFocused();

	await page.goto(`/record/${sessionOf(page)}`);
	const moment = page.getByRole("slider", { name: "Moment of the session" });
	const facts = page.getByRole("region", { name: "This run" });
	const deviation = facts.getByRole("definition").filter({ hasText: "in this session" });
	const document = page.getByRole("region", { name: "The runbook as it was opened" });
	const greet = document.getByRole("button", { name: /Greet/ }).first();
	await expect(greet).toContainText("word=goodbye");
	await expect(greet).not.toContainText("word=hello");
	await expect(greet.getByText("edited", { exact: true })).toBeVisible();
	await expect(document.getByText("added", { exact: true })).toHaveCount(1);
	await greet.click();
	await expect(deviation).toContainText("the command was edited in this session by alice: it is late");
	await expect(deviation.getByText("− word=hello")).toBeVisible();
	await expect(deviation.getByText("+ word=goodbye")).toBeVisible();
	await document.getByRole("button", { name: /Ask the clock/ }).click();
	await expect(deviation).toHaveText("added in this session, not in the runbook");
	await moment.press("End");
	const beside = page.getByRole("list", { name: "What happened beside it" });
	await expect(beside.getByText("alice skipped Greet again: they know it by now")).toBeVisible();
	await expect(document.getByRole("button", { name: /Greet again/ })).toContainText("skipped");
	await expect(page.getByRole("list", { name: "Marks on the line" }).getByText("deviation")).toBeVisible();

	const out = join(world.data, "..", "evidence");
	await world.cli("export", sessionOf(page), "--out", out);
	const account = await readFile(join(out, "account.txt"), "utf8");
	expect(account).toContain("alice: edited step first, because: it is late");
	expect(account).toContain("alice: added step ask-the-clock");
	expect(account).toContain("alice: skipped step second, because: they know it by now");
	expect(world.faults).toEqual([]);
});
