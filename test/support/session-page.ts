import { expect, type Locator, type Page } from "@playwright/test";
import { httpRoutes } from "../../core/protocol.ts";
import type { JoinedEvent } from "../../core/session-event.ts";

/** Opens a runbook from the library, fills in what it asks, and starts a session of it. */
export async function startSession(page: Page, title: string, values: Record<string, string> = {}): Promise<void> {
	if (new URL(page.url()).pathname !== "/") await page.goto("/");
	await page.getByRole("link", { name: title, exact: true }).click();
	for (const [label, value] of Object.entries(values)) {
		const field = page.getByLabel(new RegExp(`^${label}`));
		await field.waitFor();
		if ((await field.getByRole("option").count()) > 0) await field.selectOption(value);
		else await field.fill(value);
	}
	await page.getByRole("button", { name: /^Start an? / }).click();
	await page.waitForURL(/\/sessions\//);
	await expect(page.getByRole("article").first()).toBeVisible();
}

/** The card of a step, by its title. */
export function stepCard(page: Page, title: string): Locator {
	return page.getByRole("article").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
}

/** A step's line in the outline; its name holds the state's word. */
export function outlineStep(page: Page, title: string): Locator {
	return page
		.getByRole("navigation", { name: "Steps" })
		.getByRole("link", { name: new RegExp(`^(not )?\\w+ ${title}`) });
}

/** Waits until a step has come to a state, as the outline says it. */
export async function stepIs(page: Page, title: string, state: string, timeout = 60_000): Promise<void> {
	await expect(outlineStep(page, title).getByRole("img", { name: state })).toBeVisible({ timeout });
}

export function sessionOf(page: Page): string {
	return new URL(page.url()).pathname.split("/")[2] ?? "";
}

/** The session's events as its page could read them. */
export async function eventsOf(page: Page, session = sessionOf(page)): Promise<JoinedEvent[]> {
	const response = await page.request.get(new URL(httpRoutes.events(session), page.url()).href);
	expect(response.status()).toBe(200);
	return (await response.text())
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as JoinedEvent);
}

/** How many events of a type there are, of one step if it is told. */
export function countOf(events: readonly JoinedEvent[], type: string, step?: string): number {
	return events.filter(
		(event) => event.type === type && (step === undefined || (event.data as { step?: string }).step === step),
	).length;
}
