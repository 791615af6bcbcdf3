import type { ITheme } from "@xterm/xterm";

const ansiNames = [
	"black",
	"red",
	"green",
	"yellow",
	"blue",
	"magenta",
	"cyan",
	"white",
	"brightBlack",
	"brightRed",
	"brightGreen",
	"brightYellow",
	"brightBlue",
	"brightMagenta",
	"brightCyan",
	"brightWhite",
] as const;

/** The page's colours for a terminal, as they are at this place and in this theme. */
export function terminalTheme(place: HTMLElement): ITheme {
	const probe = document.createElement("span");
	probe.hidden = false;
	place.append(probe);
	// A custom property gives its text; only a used colour is resolved for the theme.
	const colour = (name: string) => {
		probe.style.color = `var(${name})`;
		return getComputedStyle(probe).color;
	};
	const theme: ITheme = {
		background: colour("--surface-code"),
		foreground: colour("--ink"),
		cursor: colour("--accent"),
		cursorAccent: colour("--surface-code"),
		selectionBackground: colour("--accent-line"),
	};
	ansiNames.forEach((name, i) => {
		theme[name] = colour(`--ansi-${i}`);
	});
	probe.remove();
	return theme;
}
