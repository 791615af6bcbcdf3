import headless from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { boundTerminal } from "./bound-terminal.js";

interface Screen {
	lines: string[];
	cursor: [x: number, y: number];
}

async function screenOf(output: string, bounded = true): Promise<Screen> {
	const terminal = new headless.Terminal({ cols: 40, rows: 6, scrollback: 50, allowProposedApi: true });
	if (bounded) boundTerminal(terminal);
	await new Promise<void>((resolve) => terminal.write(output, resolve));
	const { active } = terminal.buffer;
	const lines = Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? "");
	terminal.dispose();
	return { lines, cursor: [active.cursorX, active.cursorY] };
}

const filled = "one\r\ntwo\r\nthree\r\nfour\r\n\x1b[2;5Hx";

describe("a huge count", () => {
	it.each(["@", "A", "B", "C", "D", "G", "I", "L", "M", "P", "S", "T", "X", "Z", "b", "d"])(
		"of CSI %s ends, and what follows it is shown",
		async (final) => {
			for (const count of ["999999999", "2147483647", "99999999999"]) {
				const { lines } = await screenOf(`${filled}\x1b[${count}${final}\x1b[H after`);
				expect(lines.some((line) => line.startsWith(" after"))).toBe(true);
			}
		},
		60_000,
	);

	it.each(["I", "L", "M", "S", "T", "Z"])("of CSI %s does what as many as the screen holds do", async (final) => {
		for (const before of [filled, `${filled}\x1b[2;4r\x1b[3;5H`]) {
			expect(await screenOf(`${before}\x1b[999999999${final}y`)).toEqual(
				await screenOf(`${before}\x1b[40${final}y`, false),
			);
		}
	});

	it("of repeated characters fills the screen", async () => {
		expect(await screenOf("x\x1b[999999999b\r\nend")).toEqual(await screenOf("x\x1b[240b\r\nend", false));
	});
});

it.each(["I", "L", "M", "S", "T", "Z", "b"])("a usual count of CSI %s does what it always does", async (final) => {
	for (const count of ["", "0", "1", "3", "1;2"]) {
		const output = `${filled}\x1b[${count}${final}y`;
		expect(await screenOf(output)).toEqual(await screenOf(output, false));
	}
});

it("a list of colours without an end is passed over, and what follows is shown", async () => {
	const { lines } = await screenOf(`\x1b]4;${"1;rgb:11/22/33;".repeat(300_000)}\x07after`);
	expect(lines[0]).toBe("after");
}, 60_000);
