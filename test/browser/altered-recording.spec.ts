import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { JoinedEvent } from "../../core/session-event.ts";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";

const runbook = `---
title: Counts twice
---

\`\`\`sh {"name":"first","title":"The first count","risk":"read"}
echo "counted 41 rows"
\`\`\`

\`\`\`sh {"name":"second","title":"The second count","risk":"read"}
echo "counted 42 rows"
\`\`\`
`;

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
});

test.afterEach(() => {
	expect(world.faults).toEqual([]);
});

test.afterAll(async () => {
	await world?.close();
});

test("a step whose recording was altered says so in the list, in the document and over its output, and no longer once it is mended", async () => {
	const file = await world.writeRunbook("counts.md", runbook);
	const said = await world.cli("run", file, "--yes", "--json");
	const session = (JSON.parse(said.split("\n", 1)[0] ?? "") as JoinedEvent).stream;
	const recordings = join(world.data, "recordings");
	let cast = "";
	for (const name of await readdir(recordings, { recursive: true })) {
		const path = join(recordings, name);
		if (name.endsWith(".cast") && (await readFile(path, "utf8")).includes("counted 41 rows")) cast = path;
	}
	const recorded = await readFile(cast, "utf8");
	await writeFile(cast, recorded.replaceAll("counted 41 rows", "counted 47 rows"));

	const page = await world.person("alice");
	await page.goto(`/record/${session}`);
	const listed = page.getByRole("region", { name: "Steps as they were run" }).getByRole("button");
	const document = page.getByRole("region", { name: "The runbook as it was opened" }).getByRole("button");
	const screen = page.getByRole("region", { name: "What the session showed" });
	const sentence = screen.getByText("what is shown here is not what was recorded");
	const first = { hasText: "The first count" };
	const second = { hasText: "The second count" };
	await expect(page.getByRole("alert").filter({ hasText: "Not as it was written" })).toBeVisible();

	await listed.filter(first).click();
	await expect(screen.getByText("counted 47 rows")).toBeVisible();
	await expect(sentence).toBeVisible();
	for (const place of [listed.filter(first), document.filter(first), screen]) {
		await expect(place.getByRole("img", { name: "altered" })).toBeVisible();
		await expect(place.getByRole("img", { name: "succeeded" })).toHaveCount(0);
	}

	// The other one is as it was.
	await listed.filter(second).click();
	await expect(screen.getByText("counted 42 rows")).toBeVisible();
	await expect(sentence).toHaveCount(0);
	for (const place of [listed.filter(second), document.filter(second), screen]) {
		await expect(place.getByRole("img", { name: "succeeded" })).toBeVisible();
	}

	await writeFile(cast, recorded);
	await page.getByRole("button", { name: "Check again" }).click();
	await expect(page.getByText("Whole and unaltered")).toBeVisible();
	await listed.filter(first).click();
	await expect(screen.getByText("counted 41 rows")).toBeVisible();
	await expect(sentence).toHaveCount(0);
	await expect(page.getByRole("img", { name: "altered" })).toHaveCount(0);
});
