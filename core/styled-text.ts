/** How a piece of text looks. Colours: 0 to 15 of the terminal's palette, or `#rrggbb`. */
export interface TextStyle {
	color?: number | string;
	background?: number | string;
	bold?: boolean;
	dim?: boolean;
	italic?: boolean;
	underline?: boolean;
	inverse?: boolean;
}

export interface StyledPiece extends TextStyle {
	text: string;
}

const sequence = /\x1b\[([0-9;:]*)m/g;
const otherEscapeOrControl = /\x1b|[\x00-\x06\x08\x0b-\x1a\x1c-\x1f\x7f\x80-\x9f]/;

/**
 * Whether output only writes lines: nothing in it but text, colours, tabs, bells and line ends. Such output can be shown
 * as text; any other moves a cursor and needs a terminal.
 */
export function isLineOutput(output: string): boolean {
	return !otherEscapeOrControl.test(output.replace(sequence, "").replace(/\r+\n/g, "\n").replace(/\r$/, ""));
}

/** Lines of pieces that look alike, by the colours (SGR, ECMA-48 8.3.117) in the output. Other sequences must not be in it. */
export function styledLines(output: string): StyledPiece[][] {
	const lines: StyledPiece[][] = [[]];
	let style: TextStyle = {};
	let from = 0;
	const add = (text: string) => {
		text
			.replace(/\x07/g, "")
			.replace(/\r/g, "")
			.split("\n")
			.forEach((part, i) => {
				if (i > 0) lines.push([]);
				if (part !== "") lines.at(-1)?.push({ ...style, text: part });
			});
	};
	for (const match of output.matchAll(sequence)) {
		add(output.slice(from, match.index));
		from = match.index + match[0].length;
		style = restyle(style, match[1] ?? "");
	}
	// A sequence that the moment has cut in two is not text.
	add(output.slice(from).replace(/\x1b(?:\[[0-9;:]*)?$/, ""));
	return lines;
}

function restyle(before: TextStyle, parameters: string): TextStyle {
	const codes = parameters.split(/[;:]/).map(Number);
	let style: TextStyle = { ...before };
	for (let i = 0; i < codes.length; i++) {
		const code = codes[i] ?? 0;
		if (code === 0) style = {};
		else if (code === 1) style.bold = true;
		else if (code === 2) style.dim = true;
		else if (code === 3) style.italic = true;
		else if (code === 4) style.underline = true;
		else if (code === 7) style.inverse = true;
		else if (code === 22) style = without(style, "bold", "dim");
		else if (code === 23) style = without(style, "italic");
		else if (code === 24) style = without(style, "underline");
		else if (code === 27) style = without(style, "inverse");
		else if (code >= 30 && code <= 37) style.color = code - 30;
		else if (code >= 90 && code <= 97) style.color = code - 82;
		else if (code >= 40 && code <= 47) style.background = code - 40;
		else if (code >= 100 && code <= 107) style.background = code - 92;
		else if (code === 39) style = without(style, "color");
		else if (code === 49) style = without(style, "background");
		else if (code === 38 || code === 48) {
			const { color, used } = extended(codes.slice(i + 1));
			if (color !== null) style[code === 38 ? "color" : "background"] = color;
			i += used;
		}
	}
	return style;
}

function without(style: TextStyle, ...names: (keyof TextStyle)[]): TextStyle {
	const rest = { ...style };
	for (const name of names) delete rest[name];
	return rest;
}

/** `5;n` of 256 colours, or `2;r;g;b`. */
function extended([kind, ...rest]: number[]): { color: number | string | null; used: number } {
	if (kind === 5) return { color: indexed(rest[0] ?? 0), used: 2 };
	if (kind === 2) return { color: hex(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), used: 4 };
	return { color: null, used: kind === undefined ? 0 : 1 };
}

const cubeLevels = [0, 95, 135, 175, 215, 255];

function indexed(n: number): number | string {
	if (n < 16) return n;
	if (n >= 232) {
		const grey = 8 + (Math.min(n, 255) - 232) * 10;
		return hex(grey, grey, grey);
	}
	const cube = n - 16;
	const level = (place: number) => cubeLevels[Math.floor(cube / place) % 6] ?? 0;
	return hex(level(36), level(6), level(1));
}

function hex(...parts: number[]): string {
	return `#${parts.map((part) => Math.min(255, Math.max(0, part)).toString(16).padStart(2, "0")).join("")}`;
}
