import { networkInterfaces } from "node:os";
import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun } from "../support/walk-session.ts";

const title = "Copies *and* pastes";
const command = `printf '%s\\n' "a  b" \\
  'ü "q" \`$HOME\` < 2 & \\t' # the end`;

/** An address that browsers do not trust without TLS, as loopback is. */
const address = Object.values(networkInterfaces())
	.flat()
	.find((one) => one?.family === "IPv4" && !one.internal)?.address;

let world: BrowserWorld;

test.skip(address === undefined, "needs an IPv4 address beside loopback: only there is plain HTTP not trusted");

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, {
		lab: false,
		serve: ["--host", "0.0.0.0"],
		config: () => `server:\n  hosts: ["${address}"]\n`,
	});
	await world.writeRunbook(
		"copies.md",
		`---
title: ${title}
---

\`\`\`sh {"name":"print","title":"Print it","risk":"read"}
${command}
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

/** What is on the clipboard, as a person gets it: pasted into the field of a note. */
async function pasted(page: Page): Promise<string> {
	await page.keyboard.press("n");
	const field = page.getByRole("dialog", { name: "Note" }).getByRole("textbox", { name: "The note" });
	await expect(field).toBeFocused();
	// In place of the draft that is kept there.
	await page.keyboard.press("Control+a");
	await page.keyboard.press("Control+v");
	await expect(field).not.toHaveValue("");
	const text = await field.inputValue();
	await page.keyboard.press("Escape");
	await expect(field).toHaveCount(0);
	return text;
}

test("over plain HTTP, where a page has no clipboard of its own, a command and the timeline are copied to the letter", async () => {
	const port = new URL(world.url).port;
	const page = await world.person("alice", { baseURL: `http://${address}:${port}` });
	expect(await page.evaluate(() => [isSecureContext, "clipboard" in navigator && !!navigator.clipboard])).toEqual([
		false,
		false,
	]);
	await startSession(page, title);
	const card = stepCard(page, "Print it");
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await card.getByRole("button", { name: "Copy the command" }).click();
	await expect(card.getByRole("button", { name: "Copied" })).toBeVisible();
	expect(await pasted(page)).toBe(command);

	await page.getByRole("heading", { name: title }).click();
	await pressRun(page);
	await stepIs(page, "Print it", "succeeded");
	const timeline = page.getByRole("region", { name: "Timeline" });
	await expect(timeline.getByText("Print it: succeeded")).toBeVisible();
	await expect(timeline.getByText("All runs by alice")).toBeVisible();
	await timeline.getByRole("button", { name: "Copy as Markdown" }).click();
	await expect(page.getByText("The timeline is copied as Markdown.")).toBeVisible();
	const lines = (await pasted(page)).split("\n");
	expect(lines[0]).toBe("## Copies \\*and\\* pastes");
	expect(lines[2]).toBe(`Times are UTC. All runs by **alice**. ${page.url()}`);
	const told = lines.filter((line) => line.startsWith("- "));
	expect(told.map((line) => line.replace(/^- `\d\d:\d\d:\d\d` /, "").replace(/, [\d.]+ m?s$/, ""))).toEqual([
		"**alice** opened the change",
		"**alice** joined",
		"Print it: **succeeded**",
	]);
	expect(world.faults).toEqual([]);
});
