import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, type Page, test } from "@playwright/test";
import { type BrowserWorld, labName, openBrowserWorld } from "../support/browser-world.ts";
import { countOf, eventsOf, startSession, stepCard, stepIs } from "../support/session-page.ts";
import { pressRun } from "../support/walk-session.ts";

const redisCli = promisify(execFile);
const title = "Empties a cluster";
let world: BrowserWorld;
let masterPort: string;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, {
		lab: true,
		// The same cluster under the name and the environment that somebody's own would have.
		config(nodes) {
			const sentinels = nodes.filter((node) => node.role === "sentinel").map((node) => node.address);
			masterPort =
				nodes
					.find((node) => node.role === "master")
					?.address.split(":")
					.at(-1) ?? "";
			return `targets:
  payments:
    kind: redis
    environment: production
    masterName: ${labName}
    sentinels: [${sentinels.map((address) => JSON.stringify(address)).join(", ")}]
`;
		},
	});
	await world.writeRunbook(
		"empties.md",
		`---
title: ${title}
parameters:
  cluster: { type: target, kind: redis }
---

\`\`\`redis {"name":"empty","title":"Empty it","target":"{{cluster}}.master"}
FLUSHALL
\`\`\`
`,
	);
});

test.beforeEach(() => redis("SET", "precious", "yes"));

test.afterEach(() => {
	expect(world.faults).toEqual([]);
});

test.afterAll(async () => {
	await world?.close();
});

const redis = async (...command: string[]) =>
	(await redisCli("redis-cli", ["-p", masterPort, ...command])).stdout.trim();

const question = (page: Page) => page.getByRole("alertdialog", { name: "Confirm Empty it" });

test("a step that destroys on production asks for the cluster's name: another one, Enter and Esc run nothing, the right one runs it once", async () => {
	const alice = await world.person("alice");
	await startSession(alice, title, { cluster: "payments" });
	const bob = await world.person("bob");
	await bob.goto(alice.url());
	await expect(stepCard(bob, "Empty it").getByRole("button", { name: "Take the baton" })).toBeVisible();

	await expect(stepCard(alice, "Empty it").getByText("destroys", { exact: true })).toBeVisible();
	await pressRun(alice);
	const field = question(alice).getByRole("textbox");
	const confirm = question(alice).getByRole("button", { name: "Run on production" });
	await expect(field).toBeFocused();
	for (const wrong of ["", labName, "payment", "Payments", "y"]) {
		await field.fill(wrong);
		await expect(confirm).toBeDisabled();
		await field.press("Enter");
		await expect(question(alice)).toBeVisible();
	}
	// Who watches is not asked, and has no key that would run it.
	await expect(question(bob)).toHaveCount(0);
	await expect(stepCard(bob, "Empty it").getByRole("button", { name: /^Run/ })).toHaveCount(0);
	await bob.keyboard.press("Enter");
	await expect(question(bob)).toHaveCount(0);

	// With the right name in the field, Esc still leaves it alone.
	await field.fill("payments");
	await expect(confirm).toBeEnabled();
	await field.press("Escape");
	await expect(question(alice)).toHaveCount(0);
	await expect(stepCard(alice, "Empty it").getByRole("button", { name: /^Run/ })).toBeEnabled();
	expect(countOf(await eventsOf(alice), "run.requested")).toBe(0);
	expect(await redis("GET", "precious")).toBe("yes");

	await pressRun(alice);
	await field.pressSequentially("payments");
	await expect(confirm).toBeEnabled();
	await field.press("Enter");
	await stepIs(alice, "Empty it", "succeeded");
	await stepIs(bob, "Empty it", "succeeded");
	await expect(stepCard(alice, "Empty it").getByText("confirmed by you, name typed")).toBeVisible();
	expect(await redis("EXISTS", "precious")).toBe("0");
	const events = await eventsOf(alice);
	expect(countOf(events, "run.started")).toBe(1);
	const requested = events.filter((event) => event.type === "run.requested");
	expect(requested.map(({ data }) => data)).toMatchObject([
		{ confirmation: "typed", risk: "destructive", environment: "production" },
	]);
});

test("who loses the baton while being asked is asked no longer", async () => {
	const alice = await world.person("alice");
	await startSession(alice, title, { cluster: "payments" });
	const bob = await world.person("bob");
	await bob.goto(alice.url());
	await pressRun(alice);
	await question(alice).getByRole("textbox").fill("payments");
	await stepCard(bob, "Empty it").getByRole("button", { name: "Take the baton" }).click();
	await expect(question(alice)).toHaveCount(0);
	await expect(stepCard(alice, "Empty it").getByRole("button", { name: "Take the baton" })).toBeVisible();
	await expect(question(bob)).toHaveCount(0);
	await expect(stepCard(bob, "Empty it").getByRole("button", { name: /^Run/ })).toBeEnabled();
	expect(countOf(await eventsOf(bob), "run.requested")).toBe(0);
	expect(await redis("GET", "precious")).toBe("yes");
});
