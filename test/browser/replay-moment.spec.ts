import { expect, test } from "@playwright/test";
import { httpRoutes } from "../../core/protocol.ts";
import type { JoinedEvent } from "../../core/session-event.ts";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";

const steps = Array.from({ length: 12 }, (_, i) => `step-${i + 1}`);
const runbook = `---
title: A long way down
---

${steps
	.map(
		(name) => `What is done here takes a while to say.

\`\`\`sh {"name":"${name}","title":"The ${name}","risk":"read"}
echo "this is what ${name} said"
\`\`\`
`,
	)
	.join("\n")}`;

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

test("a replay opened at a moment shows its step in the document, also where the runbook's text comes after the line of time", async () => {
	const file = await world.writeRunbook("long.md", runbook);
	const events = (await world.cli("run", file, "--yes", "--json"))
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as JoinedEvent);
	const started = events.filter(({ type }) => type === "run.started").at(-2);
	const { run, step } = started?.data as { run: string; step: string };
	const page = await world.person("alice");

	// The answer with the runbook is held back until the player stands at its place.
	let release = () => {};
	const released = new Promise<void>((resolve) => {
		release = resolve;
	});
	let held = 0;
	await page.routeWebSocket(new RegExp(httpRoutes.socket), (line) => {
		const server = line.connectToServer();
		const asked = new Set<string>();
		line.onMessage((message) => {
			const packet = /^42(\d+)\["session\.watch"/.exec(String(message));
			if (packet?.[1] !== undefined) asked.add(packet[1]);
			server.send(message);
		});
		server.onMessage(async (message) => {
			if (asked.has(/^43(\d+)\[/.exec(String(message))?.[1] ?? "")) {
				held += 1;
				await released;
			}
			line.send(message);
		});
	});
	await page.goto(`/record/${started?.stream}?q=said#run=${run}&ms=10&q=said`);
	const document = page.getByRole("region", { name: "The runbook as it was opened" });
	await expect(page.getByRole("region", { name: "What the session showed" })).toContainText(
		`this is what ${step} said`,
	);
	await expect(document.getByRole("status", { name: "Reading the runbook" })).toBeVisible();
	expect(held).toBeGreaterThan(0);
	release();
	const card = document.getByRole("button", { name: `The ${step}` });
	await expect(card).toHaveAttribute("aria-current", "step");
	await expect(card).toBeInViewport({ ratio: 1 });
	expect(await document.evaluate((pane) => pane.scrollTop)).toBeGreaterThan(0);
});
