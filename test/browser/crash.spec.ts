import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { eventsOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { collectFrames, joinFrames, lastLine, recordedOutput } from "../support/terminal-frames.ts";
import { pressRun } from "../support/walk-session.ts";

const redisCli = promisify(execFile);
let world: BrowserWorld;
let masterPort: string;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: true });
	const master = (await world.lab()).nodes.find((node) => node.role === "master");
	masterPort = master?.address.split(":").at(-1) ?? "";
	await world.writeRunbook(
		"endless.md",
		`---
title: Writes without an end
parameters:
  cluster: { type: target, kind: redis }
---

\`\`\`redis {"name":"before","target":"{{cluster}}.master","expect":"result == 'PONG'"}
PING
\`\`\`

\`\`\`sh {"name":"write","title":"Count on the master","risk":"read"}
for i in $(seq 100000); do
  printf 'line %05d, the master has %s\\n' "$i" "$(redis-cli -p ${masterPort} INCR counted)"
  sleep 0.02
done
\`\`\`
`,
	);
});

test.afterAll(async () => {
	await world?.close();
});

const counted = async () => Number((await redisCli("redis-cli", ["-p", masterPort, "GET", "counted"])).stdout);

test("a server that is killed in the middle of a step comes back with the session, the sign-in and all that was shown; the run is lost", async () => {
	const page = await world.person("alice");
	const frames = collectFrames(page);
	await startSession(page, "Writes without an end", { cluster: labName });
	for (const title of ["Before", "Count on the master"]) {
		await expect(stepCard(page, title).getByRole("button", { name: /^Run/ })).toBeEnabled();
		await pressRun(page);
		await stepIs(page, title, title === "Before" ? "succeeded" : "running");
	}
	await expect.poll(() => lastLine(page)).toBeGreaterThan(60);
	await world.server.crash();
	await expect(page.getByText("No line to the server")).toBeVisible();
	const shown = joinFrames(frames);
	expect(shown.text).toContain("the master has");

	await world.startAgain();
	// The page comes back by itself, without a new sign-in.
	await expect(page.getByText("No line to the server")).not.toBeVisible();
	await stepIs(page, "Count on the master", "lost");
	await stepIs(page, "Before", "succeeded");
	const card = stepCard(page, "Count on the master");
	await expect(card.getByText("may have happened", { exact: true })).toBeVisible();
	await card.getByRole("button", { name: /lines above/ }).click();
	await expect(card.getByText("line 00060")).toBeVisible();
	const recorded = await recordedOutput(page, "write");
	expect(recorded.slice(shown.from, shown.to)).toBe(shown.text);

	// What the step had started has ended too.
	const growth = async () => {
		const before = await counted();
		await new Promise((resolve) => setTimeout(resolve, 300));
		return (await counted()) - before;
	};
	await expect.poll(growth).toBe(0);

	await page.reload();
	await stepIs(page, "Count on the master", "lost");
	await expect(page.getByRole("button", { name: "alice: theme and sign-out" })).toBeVisible();
	const lost = (await eventsOf(page)).filter((event) => event.type === "run.finished").at(-1);
	expect(lost?.data).toMatchObject({ step: "write", outcome: "lost" });
	const report = JSON.parse(await world.cli("verify", world.data, "--json")) as { ok: boolean };
	expect(report.ok).toBe(true);
	expect(world.faults).toEqual([]);
});
