/** How a stretch of text looks. Colours: 0 to 15 are the theme's, others are CSS colours. */
export interface AnsiStyle {
	foreground?: number | string;
	background?: number | string;
	bold?: boolean;
	dim?: boolean;
	italic?: boolean;
	underline?: boolean;
	inverse?: boolean;
	strike?: boolean;
}

export interface AnsiSpan {
	text: string;
	style: AnsiStyle | null;
}

export interface AnsiText {
	lines: AnsiSpan[][];
	/** The output moves the cursor between lines or draws a screen: only a terminal shows it as it was. */
	movesCursor: boolean;
}

const escape =
	// Built of parts so that each can be read.
	new RegExp(
		[
			// OSC, DCS, SOS, PM, APC: to BEL or ST, or cut off at the end (ECMA-48).
			"\\x1b[\\]PX^_][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\|$)",
			"\\x1b\\[([0-?]*)[ -/]*([@-~]|$)",
			"\\x1b[ -/]*(?:[0-~]|$)",
			"[\\r\\n\\b\\t]",
			"[\\x00-\\x07\\x0b\\x0c\\x0e-\\x1f\\x7f]",
		].join("|"),
		"g",
	);

/** A few bytes move the cursor far along a line: so many blank cells are put before what follows, in all. */
const mostPadding = 400_000;

/** Finals of CSI sequences that move between lines, or draw a screen. */
const moving = new Set(["A", "B", "E", "F", "H", "f", "J", "L", "M", "S", "T", "d", "r", "s", "u"]);

/**
 * A terminal's output as lines of styled text: colours and styles, carriage returns, backspaces, tabs and erased
 * lines are followed within a line. Nothing of it is markup: the caller sets it as text.
 */
export function ansiLines(output: string): AnsiText {
	const lines: AnsiSpan[][] = [];
	let movesCursor = false;
	let style: AnsiStyle | null = null;
	let characters: string[] = [];
	let styles: (AnsiStyle | null)[] = [];
	let column = 0;
	let padding = mostPadding;
	/** So many cells at the line's beginning are known to be blank: they need not be erased again. */
	let blank = 0;

	const put = (text: string) => {
		for (const character of text) {
			for (; characters.length < column && padding > 0; padding--) {
				characters.push(" ");
				styles.push(null);
			}
			column = Math.min(column, characters.length);
			blank = Math.min(blank, column);
			characters[column] = character;
			styles[column] = style;
			column += 1;
		}
	};
	const truncate = () => {
		characters.length = Math.min(characters.length, column);
		styles.length = characters.length;
	};
	const eraseToCursor = (end: number) => {
		for (let i = blank; i < end; i++) {
			characters[i] = " ";
			styles[i] = null;
		}
		blank = Math.max(blank, end);
	};
	const endLine = () => {
		lines.push(blank < characters.length ? spansOf(characters, styles) : []);
		characters = [];
		styles = [];
		column = 0;
		blank = 0;
	};

	let at = 0;
	for (const match of output.matchAll(escape)) {
		if (match.index > at) put(output.slice(at, match.index));
		at = match.index + match[0].length;
		const [sequence, parameters = "", final = ""] = match;
		if (sequence === "\n") endLine();
		else if (sequence === "\r") column = 0;
		else if (sequence === "\b") column = Math.max(0, column - 1);
		else if (sequence === "\t") column = Math.min(2_000, (Math.floor(column / 8) + 1) * 8);
		else if (sequence.startsWith("\x1b[")) {
			if (final === "m") style = changeStyle(style, parameters);
			else if (final === "K") {
				if (parameters === "1") eraseToCursor(Math.min(column + 1, characters.length));
				else if (parameters === "2") eraseToCursor(Math.min(column, characters.length));
				if (parameters === "" || parameters === "0" || parameters === "2") truncate();
			} else if (final === "C") column = Math.min(2_000, column + Math.max(1, Number(parameters) || 1));
			else if (final === "D") column = Math.max(0, column - Math.max(1, Number(parameters) || 1));
			else if (final === "G") column = Math.min(2_000, Math.max(0, (Number(parameters) || 1) - 1));
			else if (moving.has(final) || (final === "h" && /^\?(47|1047|1049)$/.test(parameters))) movesCursor = true;
		} else if (sequence === "\x1b7" || sequence === "\x1b8" || sequence === "\x1bM") movesCursor = true;
	}
	if (at < output.length) put(output.slice(at));
	if (characters.length > blank) endLine();
	return { lines, movesCursor };
}

function spansOf(characters: readonly string[], styles: readonly (AnsiStyle | null)[]): AnsiSpan[] {
	const spans: AnsiSpan[] = [];
	let from = 0;
	for (let i = 1; i <= characters.length; i++) {
		if (i < characters.length && styles[i] === styles[from]) continue;
		spans.push({ text: characters.slice(from, i).join(""), style: styles[from] ?? null });
		from = i;
	}
	return spans;
}

/** Applies one `m` sequence; null is the plain style. A new object each time, so that spans compare by identity. */
function changeStyle(style: AnsiStyle | null, parameters: string): AnsiStyle | null {
	const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
	let next: AnsiStyle = { ...style };
	for (let i = 0; i < codes.length; i++) {
		const code = codes[i] ?? 0;
		if (code === 0) next = {};
		else if (code === 1) next.bold = true;
		else if (code === 2) next.dim = true;
		else if (code === 3) next.italic = true;
		else if (code === 4) next.underline = true;
		else if (code === 7) next.inverse = true;
		else if (code === 9) next.strike = true;
		else if (code === 22) next = without(next, "bold", "dim");
		else if (code === 23) next = without(next, "italic");
		else if (code === 24) next = without(next, "underline");
		else if (code === 27) next = without(next, "inverse");
		else if (code === 29) next = without(next, "strike");
		else if (code >= 30 && code <= 37) next.foreground = code - 30;
		else if (code >= 90 && code <= 97) next.foreground = code - 82;
		else if (code >= 40 && code <= 47) next.background = code - 40;
		else if (code >= 100 && code <= 107) next.background = code - 92;
		else if (code === 39) next = without(next, "foreground");
		else if (code === 49) next = without(next, "background");
		else if (code === 38 || code === 48) {
			const [colour, used] = extendedColour(codes, i + 1);
			i += used;
			if (colour !== null) next[code === 38 ? "foreground" : "background"] = colour;
		}
	}
	return Object.keys(next).length === 0 ? null : next;
}

function without(style: AnsiStyle, ...names: (keyof AnsiStyle)[]): AnsiStyle {
	const next = { ...style };
	for (const name of names) delete next[name];
	return next;
}

/** `5;n` or `2;r;g;b` after 38 or 48: the colour and how many codes it took. */
function extendedColour(codes: readonly number[], at: number): [number | string | null, number] {
	const byte = (i: number) => Math.min(255, Math.max(0, codes[i] ?? 0));
	if (codes[at] === 5) return [paletteColour(byte(at + 1)), 2];
	if (codes[at] === 2) return [`rgb(${byte(at + 1)} ${byte(at + 2)} ${byte(at + 3)})`, 4];
	return [null, 0];
}

/** The 256 colours of xterm: 16 of the theme, a cube of 6 x 6 x 6, 24 greys. */
function paletteColour(index: number): number | string {
	if (index < 16) return index;
	if (index >= 232) {
		const grey = 8 + (index - 232) * 10;
		return `rgb(${grey} ${grey} ${grey})`;
	}
	const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
	const cube = index - 16;
	return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}
