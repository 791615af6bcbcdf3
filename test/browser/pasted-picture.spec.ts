import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { httpRoutes } from "../../core/protocol.ts";
import type { Attachment, JoinedEvent } from "../../core/session-event.ts";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { eventsOf, sessionOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun } from "../support/walk-session.ts";

const title = "Asks for a picture";
let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
	await world.writeRunbook(
		"pictures.md",
		`---
title: ${title}
---

\`\`\`manual {"name":"look","title":"Look at the graph","evidence":"picture"}
Paste the graph of the last hour.
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

/** Takes a picture of one colour onto the clipboard, as a screenshot would be, and pastes it where the focus is. */
async function paste(page: Page, colour: string): Promise<void> {
	await page.evaluate(async (fill) => {
		const canvas = new OffscreenCanvas(40, 30);
		const context = canvas.getContext("2d");
		if (!context) throw new Error("no canvas");
		context.fillStyle = fill;
		context.fillRect(0, 0, 40, 30);
		const picture = await canvas.convertToBlob({ type: "image/png" });
		await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
	}, colour);
	await page.keyboard.press("Control+v");
}

/** That a picture is drawn, and in this colour. */
async function shows(picture: Locator, colour: readonly [number, number, number]): Promise<void> {
	await picture.scrollIntoViewIfNeeded();
	const drawn = () =>
		picture.evaluate(async (image: HTMLImageElement) => {
			if (!image.complete || image.naturalWidth !== 40) return null;
			const canvas = new OffscreenCanvas(40, 30);
			const context = canvas.getContext("2d");
			context?.drawImage(image, 0, 0);
			return [...(context?.getImageData(20, 15, 1, 1).data ?? [])].slice(0, 3);
		});
	await expect.poll(drawn).toEqual(colour);
}

const red = [255, 0, 0] as const;
const blue = [0, 0, 255] as const;
const green = [0, 255, 0] as const;

test("pictures pasted as evidence and into a note are shown, recorded by their digest, and there after a reload, in the replay and in an export", async () => {
	const page = await world.person("alice");
	await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
	await startSession(page, title);
	const card = stepCard(page, "Look at the graph");
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await pressRun(page);
	const form = card.locator("form");
	await form.getByRole("button", { name: "Choose a picture" }).focus();
	await paste(page, "#f00");
	await shows(form.getByRole("img", { name: "Evidence 1" }), red);
	// The hand is where it was: what is typed now is no key of the page.
	await expect(form.getByRole("button", { name: "Choose a picture" })).toBeFocused();
	// What was given and not confirmed outlasts a reload.
	await page.reload();
	await shows(form.getByRole("img", { name: "Evidence 1" }), red);
	await form.getByRole("button", { name: "Choose a picture" }).focus();
	await page.keyboard.press("Control+Enter");
	await stepIs(page, "Look at the graph", "succeeded");

	await page.keyboard.press("n");
	const note = page.getByRole("dialog", { name: "Note" });
	await expect(note.getByRole("textbox", { name: "The note" })).toBeFocused();
	await page.keyboard.type("And this is how it looked before.");
	// The second comes while the first is still on its way.
	let stored = () => {};
	const isStored = new Promise<void>((resolve) => {
		stored = resolve;
	});
	await page.route(`**${httpRoutes.attachments}`, async (route) => {
		await isStored;
		await route.continue();
	});
	await paste(page, "#00f");
	await paste(page, "#0f0");
	stored();
	await shows(note.getByRole("img", { name: "Attached 1" }), blue);
	await shows(note.getByRole("img", { name: "Attached 2" }), green);
	await page.keyboard.press("Control+Enter");
	await expect(note).toHaveCount(0);

	const shown = async () => {
		await shows(page.getByRole("img", { name: "Evidence 1" }), red);
		await shows(page.getByRole("img", { name: "Note by alice, 1" }), blue);
		await expect(page.getByRole("main").getByText("And this is how it looked before.")).toBeVisible();
	};
	await shown();
	await page.reload();
	await shown();

	const events = await eventsOf(page);
	const attached = (type: string) =>
		(events.find((event: JoinedEvent) => event.type === type)?.data as { attachments: Attachment[] }).attachments;
	const [evidence] = attached("run.answered");
	const [picture, second] = attached("note.added");
	expect(evidence?.sha256).not.toBe(picture?.sha256);
	for (const one of [evidence, picture, second]) {
		const response = await page.request.get(httpRoutes.attachment(one?.sha256 ?? ""));
		const body = await response.body();
		expect(createHash("sha256").update(body).digest("hex")).toBe(one?.sha256);
		expect(one).toMatchObject({ mediaType: "image/png", bytes: body.length });
		expect(response.headers()).toMatchObject({ "content-type": "image/png", "x-content-type-options": "nosniff" });
	}
	const stranger = await world.browser();
	expect((await stranger.request.get(httpRoutes.attachment(evidence?.sha256 ?? ""))).status()).toBe(401);

	const session = sessionOf(page);
	await page.goto(`/record/${session}`);
	await page.getByRole("slider", { name: "Moment of the session" }).press("End");
	const stage = page.getByRole("region", { name: "What the session showed" });
	for (const [one, colour] of [
		[evidence, red],
		[picture, blue],
	] as const) {
		await shows(stage.getByRole("img", { name: `What was pasted, ${one?.sha256.slice(0, 8)}` }), colour);
	}

	const out = join(world.data, "..", "evidence");
	await world.cli("export", session, "--out", out);
	const files = (await readdir(join(out, "attachments"))).sort();
	expect(files).toEqual([evidence, picture, second].map((one) => one?.sha256 ?? "").sort());
	await world.cli("verify", out);
	const file = join(out, "attachments", files[0] ?? "");
	const bytes = await readFile(file);
	bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
	await writeFile(file, bytes);
	await expect(world.cli("verify", out)).rejects.toMatchObject({ code: 1 });
	expect(world.faults).toEqual([]);
});
