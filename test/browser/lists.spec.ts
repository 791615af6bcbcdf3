import { join } from "node:path";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { startSession, stepIs } from "../support/session-page.ts";
import { pressRun } from "../support/walk-session.ts";

const title = "Knocks at the door";
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"knock.md",
		`---
title: ${title}
parameters:
  answer: { type: string, required: true }
---

\`\`\`sh {"name":"knock","title":"Knock","risk":"read","expect":"output.contains('come in')"}
for i in 1 2 3; do echo "knock $i of three"; echo; echo; echo; echo; echo; done; echo {{answer}}
\`\`\`

\`\`\`sh {"name":"leave","title":"Leave","risk":"read"}
echo bye
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

/** Walks the runbook until its first step has ended so, and closes the session with an outcome. */
async function walk(page: Page, answer: string, outcome: "resolved" | "failed"): Promise<void> {
	await startSession(page, title, { answer });
	await pressRun(page);
	await stepIs(page, "Knock", outcome === "resolved" ? "succeeded" : "failed");
	if (outcome === "resolved") {
		await pressRun(page);
		await stepIs(page, "Leave", "succeeded");
	}
	await page.keyboard.press("c");
	const dialog = page.getByRole("dialog", { name: "Close the session" });
	await dialog.getByRole("radio", { name: new RegExp(`^${outcome}`) }).check();
	await dialog.getByLabel(/^In one sentence/).fill(`It ended as ${outcome}.`);
	await page.keyboard.press("Enter");
	await expect(page.getByText(`Closed as ${outcome}.`)).toBeVisible();
}

/** Runs only the last step, by the command line. */
async function runPart(): Promise<void> {
	const file = join(world.data, "..", "own", "knock.md");
	await world.cli("run", file, "--only", "leave", "--set", "answer=nobody", "--yes");
}

/** An icon as it is drawn: its shape and its colour. */
async function drawn(place: Locator): Promise<string> {
	return place
		.locator("svg")
		.first()
		.evaluate((icon) => `${icon.innerHTML} ${getComputedStyle(icon).color}`);
}

test("a runbook's row says first when it last passed, and beside that what its newest run came to", async () => {
	const page = await world.person("alice");
	const row = page.getByRole("row").filter({ hasText: title });
	await expect(row).toContainText("never run");

	await walk(page, "go away", "failed");
	await page.goto("/");
	await expect(row).toContainText(/never passed.*failed .*, at “Knock”/s);

	await walk(page, "come in", "resolved");
	await page.goto("/");
	await expect(row).toContainText(/passed (just now|\d+ s ago)/);
	await expect(row).not.toContainText("failed");

	await walk(page, "go away", "failed");
	await page.goto("/");
	await expect(row).toContainText(/passed (just now|\d+ \w ago).*failed (just now|\d+ \w ago), at “Knock”/s);
	await expect(row).not.toContainText("never");
	expect(await drawn(row.locator(".row-outcome"))).toContain("M20 6 9 17l-5-5");
	expect(await drawn(row.locator(".row-outcome .state-mark"))).toContain("M18 6 6 18");
});

test("how a session ended has one icon, in the library, on its runbook's page, on its own and in the record", async () => {
	const page = await world.person("bob");
	await walk(page, "go away", "failed");
	const own = await drawn(page.locator("section").filter({ hasText: "Closed as failed." }).last());
	await runPart();

	await page.goto("/record");
	const rows = page.getByRole("table").getByRole("row");
	const inRecord = (outcome: string) =>
		drawn(
			rows
				.getByRole("cell")
				.filter({ hasText: new RegExp(`^${outcome}\\d`) })
				.first(),
		);
	const failed = await inRecord("failed");
	const partial = await inRecord("partial");
	expect(own).toBe(failed);
	expect(partial).not.toBe(failed);

	await page.goto("/");
	const lately = page.getByRole("region", { name: "Lately" }).getByRole("listitem");
	expect(await drawn(lately.filter({ hasText: ", failed" }).first())).toBe(failed);
	expect(await drawn(lately.filter({ hasText: ", partial" }).first())).toBe(partial);

	await page.getByRole("link", { name: title, exact: true }).first().click();
	const walks = page.locator("section").filter({ has: page.getByRole("heading", { name: "Walks through it" }) });
	expect(await drawn(walks.getByRole("listitem").filter({ hasText: ", failed" }).first())).toBe(failed);
});

test("in the record's search the arrows select a hit and Enter opens it, also without a word a session, without leaving the field", async () => {
	const page = await world.person("carol");
	await walk(page, "come in", "resolved");
	await runPart();
	await page.goto("/record");
	const search = page.getByRole("searchbox", { name: "Search commands and output" });
	const selected = page.locator(".record-hit[aria-current=true]");

	const sessions = page.getByRole("row", { selected: true });
	await expect(sessions).toHaveCount(1);

	// Enter asks at once; a list of another search is never opened in its place.
	await page.keyboard.press("/");
	await page.keyboard.type("knock");
	await page.keyboard.press("Enter");
	await expect(selected).toHaveId("hit-0");
	await expect(search).toBeFocused();
	await page.keyboard.press("ArrowDown");
	await expect(selected).toHaveId("hit-1");
	await page.keyboard.press("ArrowDown");
	await expect(selected).toHaveId("hit-2");
	await page.keyboard.press("ArrowUp");
	await expect(selected).toHaveId("hit-1");
	await expect(search).toHaveValue("knock");
	const leads = await selected.getAttribute("href");
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(new RegExp(`${leads?.split("#")[0]?.replace("?", "\\?")}`));
	await expect(page.getByRole("searchbox", { name: "Search this session" })).toHaveValue("knock");

	await page.goto("/record");
	await expect(sessions).toHaveCount(1);
	await page.keyboard.press("/");
	await page.keyboard.press("ArrowDown");
	await expect(sessions).toHaveAttribute("aria-rowindex", "3");
	const second = await sessions.getByRole("link").first().getAttribute("href");
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(new RegExp(`${second}$`));
});

test("while a search is on its way Enter opens nothing of the one before, and then what was found", async () => {
	const page = await world.person("dave");
	await walk(page, "come in", "resolved");
	let isHeld = false;
	const held: (() => void)[] = [];
	await page.routeWebSocket(/./, (socket) => {
		socket.connectToServer().onMessage((message) => {
			if (isHeld) held.push(() => socket.send(message));
			else socket.send(message);
		});
	});
	await page.goto("/record");
	await expect(page.getByRole("row", { selected: true })).toHaveCount(1);
	const selected = page.locator(".record-hit[aria-current=true]");
	await page.keyboard.press("/");
	await page.keyboard.type("knock");
	await expect(selected).toContainText("knock");

	isHeld = true;
	await page.getByRole("searchbox").fill("bye");
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(/\/record\?q=bye$/);
	await expect(selected).toHaveCount(0);
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(/\/record\?q=bye$/);
	isHeld = false;
	for (const send of held.splice(0)) send();
	await expect(selected).toContainText("bye");
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(/\/record\/\w+\?q=bye#.*q=bye$/);
});
