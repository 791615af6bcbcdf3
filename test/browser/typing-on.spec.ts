import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { countOf, eventsOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun, pressYes } from "../support/walk-session.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
	await world.writeRunbook(
		"asks.md",
		`---
title: Asks at the terminal
parameters:
  cluster: { type: target, kind: redis }
---

\`\`\`sh {"name":"ask","title":"Ask for a name","interactive":"true","risk":"read"}
who=whose
read -r -p "$who name? " line
echo "hello $line"
\`\`\`

\`\`\`redis {"name":"second","title":"The second","target":"{{cluster}}.master"}
PING
\`\`\`

\`\`\`redis {"name":"third","title":"The third","target":"{{cluster}}.master"}
PING
\`\`\`
`,
	);
	await world.writeRunbook(
		"answers.md",
		`---
title: Answered at the keyboard
---

\`\`\`sh {"name":"go","title":"Ask to go on","interactive":"true","risk":"change"}
read -r -p "continue? (yes/no) " line
echo "you said $line"
\`\`\`

\`\`\`sh {"name":"again","title":"Ask once more","interactive":"true","risk":"read"}
read -r -p "really? " line
echo "you said $line"
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

test("typing on past a command's exit makes no keystroke a command of the page", async () => {
	const page = await world.person("alice");
	await startSession(page, "Asks at the terminal");
	const asks = stepCard(page, "Ask for a name");
	await expect(asks.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await page.keyboard.press("Enter");
	await expect(asks.getByText("whose name?")).toBeVisible();
	const terminal = asks.getByRole("textbox", { name: "Terminal input" });
	await expect(terminal).toBeFocused();

	// Each letter is a command of the page: move, run, edit, skip, add, note, close, open, timeline, keys, go.
	const letters = [
		"j",
		"j",
		"k",
		"r",
		"R",
		"e",
		"s",
		"n",
		"x",
		"a",
		"c",
		"o",
		"t",
		"f",
		"y",
		"h",
		"?",
		".",
		"/",
		"g",
		"l",
	];
	await page.keyboard.type("bob");
	await page.keyboard.press("Enter");
	let ended = false;
	const exit = stepIs(page, "Ask for a name", "succeeded").then(() => {
		ended = true;
	});
	for (let rounds = 0; rounds < 3; ) {
		for (const letter of letters) await page.keyboard.press(letter);
		await page.keyboard.press("Enter");
		await page.keyboard.press("Control+k");
		await page.keyboard.press("Escape");
		if (ended) rounds += 1;
	}
	await exit;

	await expect(terminal).toBeFocused();
	await expect(asks.getByText("hello bob")).toBeVisible();
	await expect(asks.getByText("ended; keys typed now go nowhere")).toBeVisible();
	await expect(page.getByRole("dialog")).toHaveCount(0);
	await expect(page.getByRole("alertdialog")).toHaveCount(0);
	await expect(stepCard(page, "The second")).toHaveAttribute("aria-current", "step");
	const events = await eventsOf(page);
	expect(countOf(events, "run.requested")).toBe(1);
	expect(countOf(events, "run.started")).toBe(1);

	// Leaving it is one deliberate key; then it folds to its output, and letters are commands again.
	await page.keyboard.press("Shift+Escape");
	await expect(terminal).toHaveCount(0);
	await expect(asks.getByText("hello bob")).toBeVisible();
	await expect(stepCard(page, "The second")).toBeFocused();
	await page.keyboard.press("j");
	await expect(stepCard(page, "The third")).toHaveAttribute("aria-current", "step");
	expect(world.faults).toEqual([]);
});

test("a step that is answered at the keyboard takes the focus when it starts, and what misses its terminal is no command of the page", async () => {
	const page = await world.person("bob");
	await startSession(page, "Answered at the keyboard");
	const go = stepCard(page, "Ask to go on");
	await pressRun(page);
	await expect(page.getByRole("alertdialog")).toBeVisible();
	await pressYes(page);
	await expect(go.getByText("continue? (yes/no)").last()).toBeVisible();
	await expect(go.getByRole("textbox", { name: "Terminal input" })).toBeFocused();
	await page.keyboard.type("no.");
	await page.keyboard.press("Enter");
	await expect(go.getByText("you said no.")).toBeVisible();
	await stepIs(page, "Ask to go on", "succeeded");
	await page.keyboard.press("Shift+Escape");

	const again = stepCard(page, "Ask once more");
	await pressRun(page);
	await expect(again.getByRole("textbox", { name: "Terminal input" })).toBeFocused();
	await page.evaluate(() => (document.activeElement as HTMLElement).blur());
	await expect(again.getByText(/^press i, or here, to type$/i)).toBeVisible();
	for (const key of ["n", "o", ".", "e", "s", "a", "c", "?", "/", "g", "l", "j"]) await page.keyboard.press(key);
	await expect(page.getByRole("dialog")).toHaveCount(0);
	await expect(again).toHaveAttribute("aria-current", "step");
	expect(countOf(await eventsOf(page), "run.cancel-requested")).toBe(0);
	await page.keyboard.press("i");
	await page.keyboard.type("yes");
	// Left by the key for it, letters are the page's again.
	await page.keyboard.press("Shift+Escape");
	await page.keyboard.press(".");
	await stepIs(page, "Ask once more", "cancelled");
	expect(world.faults).toEqual([]);
});

test("no key is lost that is typed while the terminal is still being opened", async () => {
	const page = await world.person("carol");
	// What the server says of the terminal comes late: till then the page does not know that it is open.
	await page.routeWebSocket(/\/terminal/, (line) => {
		const server = line.connectToServer();
		server.onMessage((message) => {
			setTimeout(() => line.send(message), 1_500);
		});
	});
	await startSession(page, "Asks at the terminal");
	const asks = stepCard(page, "Ask for a name");
	await pressRun(page);
	await expect(asks.getByRole("textbox", { name: "Terminal input" })).toBeFocused();
	await expect(asks.getByText("whose name?")).toHaveCount(0);
	await page.keyboard.type("carol");
	await page.keyboard.press("Enter");
	await stepIs(page, "Ask for a name", "succeeded");
	await expect(asks.getByText("hello carol")).toBeVisible();
	expect(world.faults).toEqual([]);
});
