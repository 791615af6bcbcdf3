import type { Page } from "@playwright/test";

/** What the page's main thread did on a walk through a session. Times in milliseconds. */
export interface SessionWalk {
	/** The tasks over 50 ms of each part of the walk; `scripts` is until the document's scripts have started. */
	parts: Record<string, number[]>;
	/** Frames over 50 ms, with the functions that made them long. */
	frames: string[];
	/** From opening the page until each card stands. */
	settledMs: number;
	elements: number;
}

/** What the page notes about itself. */
interface Noted {
	tasks: { at: number; ms: number }[];
	frames: { at: number; words: string }[];
}

/** The place of cards that are still to be drawn. */
const waiting = ".portion--waiting";

/** Opens a session with one step left to run, reads it up and down, unfolds an output, and runs the step. */
export async function walkLongSession(page: Page, address: string, finished: number): Promise<SessionWalk> {
	await page.addInitScript(() => {
		const noted: Noted = { tasks: [], frames: [] };
		Object.assign(globalThis, { noted });
		new PerformanceObserver((list) => {
			for (const { startTime, duration } of list.getEntries())
				noted.tasks.push({ at: startTime, ms: Math.round(duration) });
		}).observe({ type: "longtask", buffered: true });
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) {
				const { startTime, duration, scripts, styleAndLayoutStart, renderStart } = entry as PerformanceEntry & {
					renderStart: number;
					styleAndLayoutStart: number;
					scripts: {
						duration: number;
						invoker: string;
						sourceFunctionName: string;
						sourceCharPosition: number;
						forcedStyleAndLayoutDuration: number;
					}[];
				};
				const ms = (value: number) => `${Math.round(value)} ms`;
				const from = scripts.map(
					(s) =>
						`${s.invoker} ${s.sourceFunctionName}@${s.sourceCharPosition} ${ms(s.duration)} (layout forced ${ms(s.forcedStyleAndLayoutDuration)})`,
				);
				const layout = styleAndLayoutStart > 0 ? ms(startTime + duration - styleAndLayoutStart) : "none";
				noted.frames.push({
					at: startTime,
					words: `at ${ms(startTime)}, frame of ${ms(duration)}, render from ${ms(renderStart)}, style and layout ${layout}: ${from.join("; ")}`,
				});
			}
		}).observe({ type: "long-animation-frame", buffered: true });
	});
	// Everything is asked for by the page itself: to look things up by role takes longer here than what is measured.
	const until = (wanted: string, count: number) =>
		page.waitForFunction(
			([selector, n]) => document.querySelectorAll(selector as string).length === n,
			[wanted, count],
			{
				polling: 100,
				timeout: 20_000,
			},
		);
	const done = (count: number) => until(`[role=progressbar][aria-valuenow="${count}"]`, 1);
	const press = async (selector: string) => {
		const place = await page.evaluate((wanted) => {
			const box = document.querySelector(wanted)?.getBoundingClientRect();
			return box && { x: box.x + Math.min(20, box.width / 2), y: box.y + box.height / 2 };
		}, selector);
		if (!place) throw new Error(`There is no ${selector}.`);
		await page.mouse.click(place.x, place.y);
	};
	const marks: { part: string; at: number }[] = [];
	const begin = async (part: string) => marks.push({ part, at: await page.evaluate(() => performance.now()) });

	await page.goto(address);
	await done(finished);
	await until(waiting, 0);
	const { settledMs, interactive } = await page.evaluate(() => ({
		settledMs: performance.now(),
		interactive: (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming)
			.domContentLoadedEventEnd,
	}));
	marks.push({ part: "scripts", at: 0 }, { part: "open", at: interactive });

	await begin("scroll");
	for (const part of [0.5, 0, 0.5, 1]) {
		await page.evaluate(async (to) => {
			for (let i = 0; i < 10; i++) {
				const goal = to * (document.documentElement.scrollHeight - innerHeight);
				scrollBy({ top: (goal - scrollY) / (10 - i), behavior: "instant" });
				await new Promise((resolve) => requestAnimationFrame(resolve));
			}
		}, part);
		await page.waitForTimeout(200);
	}

	await begin("unfold an output");
	const middle = `[data-unit="step-${Math.ceil(finished / 2)}"]`;
	for (const isOpen of ["true", "false"]) {
		await page.evaluate((wanted) => document.querySelector(wanted)?.scrollIntoView({ block: "center" }), middle);
		await page.waitForTimeout(300);
		await press(`${middle} .step__fold`);
		await until(`${middle} .step__fold[aria-expanded=${isOpen}]`, 1);
		if (isOpen === "true") await until(`${middle} .output-text pre`, 1);
	}

	await begin("run a step");
	await page.keyboard.press("h");
	await page.waitForTimeout(500);
	await page.keyboard.press("Enter");
	await page.waitForFunction(
		(n) =>
			document.querySelector("[role=alertdialog]") !== null ||
			document.querySelector(`[role=progressbar][aria-valuenow="${n}"]`) !== null,
		finished + 1,
		{ polling: 100 },
	);
	if ((await page.locator("[role=alertdialog]").count()) > 0) await page.keyboard.press("y");
	await done(finished + 1);
	await page.waitForTimeout(500);

	const { noted, elements } = await page.evaluate(() => ({
		noted: (globalThis as unknown as { noted: Noted }).noted,
		elements: document.querySelectorAll("*").length,
	}));
	marks.sort((a, b) => a.at - b.at);
	const parts: Record<string, number[]> = {};
	for (const [i, { part, at }] of marks.entries()) {
		const end = marks[i + 1]?.at ?? Number.POSITIVE_INFINITY;
		parts[part] = noted.tasks.filter((task) => task.at >= at && task.at < end).map(({ ms }) => ms);
	}
	return { parts, frames: noted.frames.map(({ words }) => words), settledMs, elements };
}
