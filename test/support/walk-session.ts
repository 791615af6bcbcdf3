import { expect, type Locator, type Page } from "@playwright/test";

/** A step or a group as a person met it. */
export interface WalkedUnit {
	titles: string[];
	/** The text of its card right before it was run. */
	shown: string;
	/** Whether it asked to be confirmed. */
	asked: boolean;
}

/** How a walk goes. `answer` fills in a manual step's form; it is confirmed by the walk. `until`: stops before this step. */
export interface WalkOptions {
	answer?(form: Locator, title: string): Promise<void>;
	before?(titles: string[]): Promise<void>;
	until?: string;
	/** How long one unit may take, in milliseconds. */
	patience?: number;
}

/** The card that the keys are about. */
export function currentCard(page: Page): Locator {
	return page.getByRole("article").and(page.locator("[aria-current=step]"));
}

/** What a card's button says: of what is taller than the window it first shows what would run. */
const runButton = /^(Run|Show what runs)/;

/** Presses Tab until a control has the focus, as somebody without a mouse would. */
export async function tabTo(page: Page, control: Locator, most = 40): Promise<void> {
	await expect(control).toBeVisible();
	const focused = () => control.evaluate((element) => element === document.activeElement);
	for (let presses = 0; !(await focused()); presses++) {
		if (presses === most) throw new Error(`${most} presses of Tab did not lead to ${control}`);
		await page.keyboard.press("Tab");
	}
}

/**
 * Confirms the question that stands open, by its key. Where what it would run is not in sight yet the key only brings it
 * there, so it is repeated as long as the question stands.
 */
export async function pressYes(page: Page): Promise<void> {
	const asks = page.getByRole("alertdialog");
	await expect(asks).toBeVisible();
	await expect(async () => {
		if (await asks.isVisible()) await page.keyboard.press("y");
		await expect(asks).toHaveCount(0, { timeout: 1_000 });
	}).toPass();
}

/**
 * Runs the current unit, which has not run yet, by Enter, up to where it asks. A press within a third of a second of the last one is taken for a trembling finger, so
 * it is repeated, but only while this very card still waits: a short step is over before one can look, and the next
 * press would be for the next card.
 */
export async function pressRun(page: Page): Promise<void> {
	const card = currentCard(page);
	const run = card.getByRole("button", { name: runButton });
	const headings = () => card.getByRole("heading", { level: 3 }).allInnerTexts();
	await expect(run).toBeEnabled();
	const titles = await headings();
	const over = overIn(page, titles);
	const asks = page.getByRole("alertdialog");
	const hasBegun = async () =>
		(await asks.isVisible()) ||
		!(await run.isVisible()) ||
		(await over.count()) > 0 ||
		(await headings()).join() !== titles.join();
	await expect(async () => {
		if (await hasBegun()) return;
		await page.keyboard.press("Enter");
		await expect.poll(hasBegun, { timeout: 1_000, intervals: [50] }).toBe(true);
	}).toPass({ intervals: [100] });
}

/** Runs one unit after the other by the keyboard, until every step is done. Fails at the first that does not succeed. */
export async function walkSession(page: Page, options: WalkOptions = {}): Promise<WalkedUnit[]> {
	const { answer, before, until, patience = 60_000 } = options;
	const walked: WalkedUnit[] = [];
	const card = currentCard(page);
	const run = card.getByRole("button", { name: runButton });
	const done = page.getByText("Every step is done");
	for (;;) {
		await expect(run.or(done)).toBeVisible({ timeout: patience });
		if (await done.isVisible()) return walked;
		const titles = await card.getByRole("heading", { level: 3 }).allInnerTexts();
		if (until !== undefined && titles.includes(until)) return walked;
		const last = walked.at(-1);
		if (last?.titles.join() === titles.join()) throw new Error(`It did not succeed:\n${await card.innerText()}`);
		await before?.(titles);
		await expect(run).toBeEnabled();
		const shown = (await card.innerText()).replace(/\s+/g, " ");
		const over = overIn(page, titles);
		await pressRun(page);
		const asks = page.getByRole("alertdialog");
		const form = card.locator("[data-keys-form] form");
		await expect(asks.or(form).or(over).first()).toBeVisible({ timeout: patience });
		const asked = await asks.isVisible();
		if (asked) await pressYes(page);
		else if ((await form.isVisible()) && answer) {
			try {
				await answer(form, titles[0] ?? "");
				await page.keyboard.press("Control+Enter");
			} catch (thrown) {
				// What is found not to be needed takes its question back.
				if ((await over.count()) === 0) throw thrown;
			}
		}
		await expect(over).toHaveCount(titles.length, { timeout: patience });
		walked.push({ titles, shown, asked });
	}
}

/** The outline's lines of those of these steps that have ended. */
function overIn(page: Page, titles: readonly string[]): Locator {
	const escaped = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
	return page.getByRole("navigation", { name: "Steps" }).getByRole("link", {
		name: new RegExp(`^(succeeded|failed|cancelled|lost|skipped|not needed) (${escaped.join("|")})( |$)`),
	});
}
