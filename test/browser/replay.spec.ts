import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { startSession } from "../support/session-page.ts";
import { walkSession } from "../support/walk-session.ts";

const title = "Looks at the set";
let world: BrowserWorld;
let page: Page;
let session: string;

interface Report {
	ok: boolean;
	firstBad: Record<string, unknown> | null;
	reason: string;
	cannotTell: string[];
}

/** What `runledger verify` says, whatever it exits with. */
async function verify(path: string): Promise<Report> {
	const said = await world.cli("verify", path, "--json").catch((error: { stdout: string }) => error.stdout);
	return JSON.parse(said) as Report;
}

/** Turns one letter of a file into another, and back by the function that it gives. */
async function flip(file: string, from: string, to: string): Promise<() => Promise<void>> {
	const bytes = await readFile(file);
	const at = bytes.indexOf(from);
	expect(at, `${file} holds ${from}`).toBeGreaterThanOrEqual(0);
	await writeFile(file, Buffer.concat([bytes.subarray(0, at), Buffer.from(to), bytes.subarray(at + from.length)]));
	return () => writeFile(file, bytes);
}

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
	await world.writeRunbook(
		"looks.md",
		`---
title: ${title}
parameters:
  cluster: { type: target, kind: redis }
---

Three looks, one after the other.

\`\`\`redis {"name":"who","title":"Who is master","target":"{{cluster}}.sentinel","expect":"size(result) == 2"}
SENTINEL GET-MASTER-ADDR-BY-NAME {{cluster.masterName}}
\`\`\`

\`\`\`sh {"name":"count","title":"Count slowly","risk":"read"}
for i in 1 2 3 4 5 6; do echo "beat $i of the heart"; sleep 0.2; done
\`\`\`

\`\`\`redis {"name":"role","title":"What the master says","target":"{{cluster}}.master","expect":"result.role == 'master'"}
INFO replication
\`\`\`
`,
	);
	page = await world.person("alice");
	await startSession(page, title, { cluster: labName });
	await walkSession(page);
	session = new URL(page.url()).pathname.split("/")[2] ?? "";
	await page.keyboard.press("c");
	await page.getByLabel(/^In one sentence/).fill("All is as it should be.");
	await page.keyboard.press("Enter");
	// A closed session offers nothing to run, in its bar neither.
	const bar = page.getByRole("contentinfo");
	await expect(bar.getByText("you drive")).toHaveCount(0);
	await expect(bar.getByText("run", { exact: true })).toHaveCount(0);
	await bar.getByRole("link", { name: "Open the record" }).click();
});

test.afterEach(() => {
	expect(world.faults).toEqual([]);
});

test.afterAll(async () => {
	await world?.close();
});

test("a finished session is replayed beside its document, is sought in, and its output is searched", async () => {
	const document = page.getByRole("region", { name: "The runbook as it was opened" });
	const screen = page.getByRole("region", { name: "What the session showed" });
	const moment = page.getByRole("slider", { name: "Moment of the session" });
	await expect(document.getByText("Three looks, one after the other.")).toBeVisible();

	// One of its steps ran on this server, which is staging unless told; the session was of the lab.
	await expect(page.getByRole("banner").getByText("lab", { exact: true })).toBeVisible();
	await expect(page.getByText("staging", { exact: true })).toHaveCount(0);

	// What ran stands there, with its values; what the runbook has is beside it.
	const who = document.getByRole("button", { name: /Who is master/ });
	await expect(who).toContainText(`> SENTINEL GET-MASTER-ADDR-BY-NAME ${labName}`);
	await expect(document).not.toContainText("{{");
	await who.click();
	await expect(page.getByRole("region", { name: "This run" })).toContainText("{{cluster.masterName}}");

	// A press on a step of the document leads to what its run showed; the document says which one is shown.
	const count = document.getByRole("button", { name: /Count slowly/ });
	await count.click();
	await expect(count).toHaveAttribute("aria-current", "step");
	await expect(screen.getByRole("heading", { name: "Count slowly" })).toBeVisible();

	// What has just been pressed keeps the keyboard; Space plays from there all the same, and pauses, and Enter goes back to it.
	await count.focus();
	await page.keyboard.press("Space");
	await expect(page.getByRole("button", { name: /^Pause \(Space\)/ })).toBeVisible();
	await page.keyboard.press("Space");
	await expect(page.getByRole("button", { name: /^Play \(Space\)/ })).toBeVisible();
	const listed = page
		.getByRole("region", { name: "Steps as they were run" })
		.getByRole("button", { name: /Count slowly/ });
	await listed.click();
	await page.keyboard.press("Space");
	await expect(page.getByRole("button", { name: /^Pause \(Space\)/ })).toBeVisible();
	await page.keyboard.press("Space");

	// At the end of the line all of it has happened, at its beginning nothing.
	await moment.press("End");
	await expect(screen.getByText("role:master")).toBeVisible();
	await moment.press("Home");
	await expect(screen.getByText("role:master")).toHaveCount(0);
	await expect(moment).toHaveAttribute("aria-valuenow", "0");

	// In the middle of the counting a part of it stands there.
	await page.getByRole("searchbox", { name: "Search this session" }).fill("beat 4");
	const hit = page.getByRole("region", { name: "Hits" }).getByRole("button", { name: /beat 4 of the heart/ });
	await hit.click();
	await expect(screen.getByText("beat 4 of the heart")).toBeVisible();
	await expect(screen.getByText("beat 6 of the heart")).toHaveCount(0);
	await expect(screen.locator("mark").filter({ hasText: "beat 4" }).last()).toBeVisible();

	// Played on from there, the rest of it comes.
	await page.getByRole("button", { name: /^Play \(Space\)/ }).click();
	await expect(screen.getByText("beat 6 of the heart").or(screen.getByText("role:master")).first()).toBeVisible();
});

test("a search of the record keeps to the filters, names steps as a person knows them, and is there again on the way back", async () => {
	const search = page.getByRole("searchbox", { name: "Search commands and output" });
	const hit = page.getByRole("link", { name: /Count slowly in the output.*beat 4/s });
	await page.goto("/record?outcome=failed");
	await search.fill("beat 4");
	await expect(page.getByText("Nothing in these sessions says “beat 4”")).toBeVisible();
	await page.getByLabel("outcome").selectOption("resolved");
	await expect(hit).toBeVisible();
	await search.fill("heart");
	await expect(page).toHaveURL(/outcome=resolved&q=heart$/);
	await hit.click();
	await expect(page.getByRole("searchbox", { name: "Search this session" })).toHaveValue("heart");
	await page.getByRole("banner").getByRole("link", { name: "Record" }).last().click();
	await expect(page).toHaveURL(/\/record\?outcome=resolved&q=heart$/);
	await expect(hit).toBeVisible();
	await page.goto(`/record/${session}`);
});

test("the record is whole, and says what it can't tell; each change to it is found and named, by the page and by the command line", async () => {
	await expect(page.getByText("Whole and unaltered")).toBeVisible();
	await expect(page.getByText(/Checked by this browser/)).toBeVisible();
	await expect(page.getByText(/^It can’t tell/)).toBeVisible();
	const clean = await verify(world.data);
	expect(clean).toMatchObject({ ok: true, firstBad: null });
	expect(clean.cannotTell.length).toBeGreaterThan(0);

	// A recording of the data folder, while the server runs.
	const recordings = join(world.data, "recordings");
	const files = (await readdir(recordings, { recursive: true })).filter((file) => file.includes(session));
	let file = "";
	for (const each of files) {
		const path = join(recordings, each);
		if ((await readFile(path).catch(() => Buffer.alloc(0))).includes("beat 3")) file = path;
	}
	const mend = await flip(file, "beat 3", "beat 9");
	const run = /[0-9A-Z]{26}(?=\.cast|\/|$)/.exec(file.slice(file.indexOf(session) + session.length))?.[0];
	expect(JSON.stringify((await verify(world.data)).firstBad)).toContain(run);
	await page.getByRole("button", { name: "Check again" }).click();
	const alert = page.getByRole("alert").filter({ hasText: "Not as it was written" });
	await expect(alert).toContainText(run ?? "the run");
	await mend();
	await page.getByRole("button", { name: "Check again" }).click();
	await expect(page.getByText("Whole and unaltered")).toBeVisible();

	// An event, a text and a recording of an export.
	const out = join(world.data, "..", "evidence");
	await world.cli("export", session, "--out", out);
	expect(await verify(out)).toMatchObject({ ok: true });
	const cast = (await readdir(join(out, "recordings"))).find((name) => name.includes(run ?? "")) ?? "";
	for (const [name, from, to, named] of [
		["events.jsonl", '"outcome":"succeeded"', '"outcome":"cancelled"', '"seq"'],
		["content.jsonl", "beat $i", "beat $j", "A text of event"],
		[`recordings/${cast}`, "beat 3", "beat 9", cast],
	] as const) {
		const restore = await flip(join(out, name), from, to);
		const { ok, firstBad, reason } = await verify(out);
		expect(ok, `${name} is altered`).toBe(false);
		expect(`${JSON.stringify(firstBad)} ${reason}`).toContain(named);
		await restore();
	}
	expect(await verify(out)).toMatchObject({ ok: true });
});
