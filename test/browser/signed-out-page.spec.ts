import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { eventsOf, sessionOf, startSession } from "../support/session-page.ts";

const title = "Looks around";
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook("look.md", `---\ntitle: ${title}\n---\n\n\`\`\`sh {"name":"look"}\necho seen\n\`\`\`\n`);
});

test.afterAll(async () => {
	await world?.close();
});

test("a page goes on in nobody else's name: signed out it stays as it was, without what was typed and not sent", async () => {
	const page = await world.person("alice");
	await startSession(page, title);
	const session = sessionOf(page);
	await page.keyboard.press("n");
	const note = page.getByRole("dialog", { name: /note/i });
	await note.getByRole("textbox").first().fill("what alice thought");
	await page.keyboard.press("Escape");
	await expect(note).toHaveCount(0);

	// A tab that has left the session keeps a draft as well; it is nobody else's either.
	const left = await page.context().newPage();
	await left.goto(page.url());
	await left.getByRole("button", { name: "alice: theme and sign-out" }).waitFor();
	await left.keyboard.press("n");
	await left.getByRole("dialog", { name: /note/i }).getByRole("textbox").first().fill("what alice thought");
	await left.keyboard.press("Escape");
	await left.getByRole("link", { name: "Library", exact: true }).click();
	await expect(left.getByRole("heading", { name: "Runbooks" })).toBeVisible();
	const kept = () => left.evaluate(() => JSON.stringify({ ...window.sessionStorage }));
	expect(await kept()).toContain("what alice thought");

	const other = await page.context().newPage();
	await other.goto("/");
	await other.getByRole("button", { name: "alice: theme and sign-out" }).click();
	await other.getByRole("button", { name: "Sign out" }).click();
	await expect(page.getByText("This sign-in has ended")).toBeVisible();
	await expect.poll(kept).not.toContain("alice");
	const { pathname, search } = new URL(await world.signInLink());
	await other.goto(pathname + search);
	await other.getByLabel("Your name").fill("bob");
	await other.getByRole("button", { name: "Sign in" }).click();
	await expect(other.getByRole("heading", { name: "Runbooks" })).toBeVisible();

	const seen = (await eventsOf(other, session)).length;
	await page.evaluate(() => window.dispatchEvent(new Event("online")));
	await page.keyboard.press("n");
	await expect(note.getByRole("textbox").first()).toHaveValue("");
	await note.getByRole("textbox").first().fill("whose is this");
	await page.keyboard.press("Control+Enter");
	await expect(note.getByText("This page's sign-in has ended.")).toBeVisible();
	// Bob's own page has taken part in the meantime, Alice's has not.
	const events = (await eventsOf(other, session)).slice(seen);
	expect(events.map(({ type }) => type)).not.toContain("note.added");
	expect(events.map(({ type }) => type)).not.toContain("participant.joined");

	await page.keyboard.press("Escape");
	await expect(note).toHaveCount(0);
	await page.getByRole("alert").getByRole("link", { name: "Sign in" }).click();
	await expect(page.getByRole("button", { name: "bob: theme and sign-out" })).toBeVisible();
});

test("a page whose line comes back with another person's sign-in says so and asks for nothing", async () => {
	const page = await world.person("carol");
	await startSession(page, title);
	const session = sessionOf(page);
	await page.context().setOffline(true);
	await expect(page.getByText("No line to the server")).toBeVisible();

	const dave = await world.person("dave");
	await page.context().clearCookies();
	await page.context().addCookies(await dave.context().cookies());
	const seen = (await eventsOf(dave, session)).length;
	await page.context().setOffline(false);
	await expect(page.getByText("Somebody else has signed in in this browser")).toBeVisible();
	expect((await eventsOf(dave, session)).slice(seen).map(({ type }) => type)).not.toContain("participant.joined");
	await page.getByRole("button", { name: "Load again" }).click();
	await expect(page.getByRole("button", { name: "dave: theme and sign-out" })).toBeVisible();
});
