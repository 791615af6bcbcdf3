import { expect, it } from "vitest";
import { isShown, scrollToShow } from "./shown-stretch.ts";

const room = { top: 70, bottom: 770 };

it("commands are in sight when all of them are; of more than fit, when they fill half of the room", () => {
	expect(isShown({ top: 100, bottom: 300 }, room)).toBe(true);
	expect(isShown({ top: 40, bottom: 240 }, room)).toBe(false);
	expect(isShown({ top: 600, bottom: 800 }, room)).toBe(false);
	expect(isShown({ top: 900, bottom: 1_100 }, room)).toBe(false);
	expect(isShown({ top: 120, bottom: 1_900 }, room)).toBe(true);
	expect(isShown({ top: -1_500, bottom: 300 }, room)).toBe(false);
	expect(isShown({ top: 800, bottom: 2_000 }, room)).toBe(false);
});

it("a scroll brings them into sight by the shortest way, and more than fit by their beginning", () => {
	for (const stretch of [
		{ top: 40, bottom: 240 },
		{ top: 600, bottom: 800 },
		{ top: 900, bottom: 2_900 },
		{ top: -2_000, bottom: -1_800 },
	]) {
		const by = scrollToShow(stretch, room);
		expect(isShown({ top: stretch.top - by, bottom: stretch.bottom - by }, room)).toBe(true);
	}
	expect(scrollToShow({ top: 600, bottom: 800 }, room)).toBe(30);
	expect(scrollToShow({ top: 900, bottom: 2_900 }, room)).toBe(830);
	expect(scrollToShow({ top: 100, bottom: 300 }, room)).toBe(0);
});
