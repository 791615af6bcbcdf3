import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";
import { canMount, fillDisk, mountSmallDisk } from "../support/crash-rounds.ts";
import { countOf, eventsOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { collectFrames, joinFrames, recordedOutput } from "../support/terminal-frames.ts";
import { pressRun } from "../support/walk-session.ts";

let world: BrowserWorld | undefined;
let page: Page;
/** On another disk: what runs must be seen, and told to go on, also while the record's is full. */
let beside: string;
let disk: string;
let unmount: (() => void) | undefined;

test.skip(!canMount(), "needs root and mount: the data folder's disk is a small one, which is filled");

test.beforeAll(async ({ browser }) => {
	beside = await mkdtemp(join(tmpdir(), "runledger-beside-"));
	disk = join(beside, "disk");
	unmount = mountSmallDisk(disk, 48);
	world = await openBrowserWorld(browser, { lab: false, data: join(disk, "data") });
	await world.writeRunbook(
		"once.md",
		`---
title: Writes once
---

\`\`\`sh {"name":"first","title":"The first","risk":"read"}
echo ran >> ${beside}/first
\`\`\`
`,
	);
	await world.writeRunbook(
		"on.md",
		`---
title: Writes on and on
---

\`\`\`sh {"name":"write","title":"Write on and on","risk":"read"}
i=0
while [ ! -e ${beside}/enough ]; do
  i=$((i + 1))
  printf 'line %07d %0200d\\n' "$i" 0
  echo "$i" > ${beside}/counted
  [ -e ${beside}/faster ] || sleep 0.02
done
\`\`\`
`,
	);
	page = await world.person("alice");
});

test.afterEach(async () => {
	await free();
	expect(world?.faults).toEqual([]);
});

test.afterAll(async () => {
	try {
		await world?.close();
	} finally {
		unmount?.();
		if (beside) await rm(beside, { recursive: true, force: true });
	}
});

const fill = () => fillDisk(join(disk, "ballast"), disk);
const free = () => rm(join(disk, "ballast"), { force: true });
const counted = async () => Number(await readFile(join(beside, "counted"), "utf8").catch(() => "0"));

const alarm = () => page.getByRole("alert").filter({ hasText: "The record can’t be written" });
const allClear = () => page.getByRole("status").filter({ hasText: "The record is written again" });

test("with a full disk nothing starts and the page says why; with room again it says so, and the step runs once", async () => {
	const card = stepCard(page, "The first");
	const run = card.getByRole("button", { name: /^Run/ });
	await startSession(page, "Writes once");
	await expect(run).toBeEnabled();
	fill();
	// Nobody knows of it until something is to be recorded.
	await expect(async () => {
		await page.keyboard.press("Enter");
		await expect(alarm()).toBeVisible({ timeout: 1_000 });
	}).toPass({ intervals: [100] });
	await expect(alarm()).toContainText("The disk is full");
	await expect(alarm()).toContainText("Nothing starts");
	await expect(card.getByText("so nothing starts")).toBeVisible();
	await expect(page.getByText("not recorded", { exact: true })).toBeVisible();
	await expect(run).toBeDisabled();
	await page.keyboard.press("Enter");

	// Who comes now is told as well.
	await page.reload();
	await expect(alarm()).toBeVisible();
	await expect(run).toBeDisabled();
	expect(existsSync(join(beside, "first"))).toBe(false);
	expect(countOf(await eventsOf(page), "run.requested")).toBe(0);

	await free();
	await expect(allClear()).toBeVisible();
	await expect(alarm()).toHaveCount(0);
	await expect(page.getByText("recorded, on disk")).toBeVisible();
	await pressRun(page);
	await stepIs(page, "The first", "succeeded");
	expect(await readFile(join(beside, "first"), "utf8")).toBe("ran\n");
	expect(countOf(await eventsOf(page), "run.started")).toBe(1);
});

test("what runs when the disk gets full is held and said to be; with room again it goes on, and nothing of its output is missing", async () => {
	const card = stepCard(page, "Write on and on");
	const frames = collectFrames(page);
	await startSession(page, "Writes on and on");
	await expect(card.getByRole("button", { name: /^Run/ })).toBeEnabled();
	await pressRun(page);
	await expect.poll(counted).toBeGreaterThan(20);
	fill();
	await expect(alarm()).toContainText("The disk is full");
	await expect(alarm()).toContainText("what runs is held");
	await expect(card.getByText("held: the record can’t be written")).toBeVisible();
	// As fast as it can, and still it comes to nothing: nobody reads what it writes.
	await writeFile(join(beside, "faster"), "");
	const growth = async () => {
		const before = await counted();
		await delay(500);
		return (await counted()) - before;
	};
	await expect.poll(growth).toBe(0);
	const held = await counted();
	await stepIs(page, "Write on and on", "running");

	await rm(join(beside, "faster"));
	await free();
	await expect(allClear()).toBeVisible();
	await expect(card.getByText(/^running, /)).toBeVisible();
	await expect.poll(counted).toBeGreaterThan(held + 20);
	await writeFile(join(beside, "enough"), "");
	await stepIs(page, "Write on and on", "succeeded");

	const recorded = await recordedOutput(page, "write");
	const lines = recorded.trimEnd().split("\r\n");
	expect(lines.length).toBe(await counted());
	const whole = (i: number) => `line ${String(i + 1).padStart(7, "0")} ${"0".repeat(200)}`;
	expect(lines.findIndex((line, i) => line !== whole(i))).toBe(-1);
	const shown = joinFrames(frames);
	expect(recorded.slice(shown.from, shown.to)).toBe(shown.text);
	const report = JSON.parse((await world?.cli("verify", world.data, "--json")) ?? "null") as { ok: boolean };
	expect(report.ok).toBe(true);
});
