/*
 * A run's screen at the playhead, in a terminal that only shows: nothing is typed into it, its replies to the output's
 * questions go nowhere, and the output reaches neither the clipboard nor links. The terminal loads when first needed.
 */
import type { ReadonlySignal } from "@preact/signals";
import { effect, useSignal } from "@preact/signals";
import type { SearchAddon } from "@xterm/addon-search";
import type { ITheme, Terminal } from "@xterm/xterm";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../../shell/app-context.ts";
import type { LoadedRecording } from "./replay-recordings.ts";

/** A cell of the monospaced font is so wide, as a part of its size. */
const cellWidth = 0.602;
const largestFont = 14;
const smallestFont = 8;

export function TerminalScreen({
	recording,
	shown,
	query,
}: {
	recording: LoadedRecording;
	/** How many of its events have happened at the playhead. */
	shown: ReadonlySignal<number>;
	query: ReadonlySignal<string>;
}) {
	const { theme } = useApp();
	const host = useRef<HTMLDivElement>(null);
	const failed = useSignal(false);
	useEffect(() => {
		let disposed = false;
		let dispose = () => {};
		loadTerminal().then(
			(parts) => {
				if (!disposed && host.current)
					dispose = play(parts, host.current, recording, shown, query, () => theme.choice.value);
			},
			() => {
				failed.value = true;
			},
		);
		return () => {
			disposed = true;
			dispose();
		};
	}, [recording, shown, query, theme, failed]);
	return (
		<div class="replay-terminal">
			{failed.value && <p class="muted">The terminal could not be loaded. Load the page again.</p>}
			<div ref={host} class="replay-terminal__host" data-keys="none" />
		</div>
	);
}

interface TerminalParts {
	Terminal: typeof Terminal;
	SearchAddon: typeof SearchAddon;
}

async function loadTerminal(): Promise<TerminalParts> {
	const [{ Terminal }, { SearchAddon }] = await Promise.all([
		import("@xterm/xterm"),
		import("@xterm/addon-search"),
		import("@xterm/xterm/css/xterm.css"),
	]);
	return { Terminal, SearchAddon };
}

function play(
	{ Terminal, SearchAddon }: TerminalParts,
	host: HTMLElement,
	recording: LoadedRecording,
	shown: ReadonlySignal<number>,
	query: ReadonlySignal<string>,
	observeTheme: () => unknown,
): () => void {
	const terminal = new Terminal({
		cols: recording.cols,
		rows: recording.rows,
		disableStdin: true,
		cursorBlink: false,
		cursorStyle: "block",
		cursorInactiveStyle: "outline",
		scrollback: 5_000,
		fontFamily: getComputedStyle(host).fontFamily,
		fontSize: fontSizeFor(host.clientWidth, recording.cols),
		lineHeight: 1.25,
		theme: themeOf(host),
		linkHandler: { activate: () => {} },
	});
	// Nobody listens to what it answers (onData), so that no reply of it reaches a process. The clipboard is not its own.
	terminal.parser.registerOscHandler(52, () => true);
	const search = new SearchAddon();
	terminal.loadAddon(search);
	terminal.open(host);
	// The page's keys are the player's: the terminal's own hidden field takes none.
	terminal.textarea?.setAttribute("tabindex", "-1");
	terminal.attachCustomKeyEventHandler(() => false);

	let written = 0;
	const stops = [
		effect(() => {
			const to = shown.value;
			if (to < written) {
				terminal.reset();
				terminal.resize(recording.cols, recording.rows);
				written = 0;
			}
			for (; written < to; written++) {
				const event = recording.events[written];
				if (event?.kind === "output") terminal.write(event.bytes);
				else if (event?.kind === "resize") terminal.resize(event.cols, event.rows);
			}
		}),
		effect(() => {
			const wanted = query.value.trim();
			if (wanted === "") search.clearDecorations();
			else terminal.write("", () => search.findPrevious(wanted));
		}),
		effect(() => {
			observeTheme();
			requestAnimationFrame(() => {
				terminal.options.theme = themeOf(host);
			});
		}),
	];
	const resized = new ResizeObserver(() => {
		terminal.options.fontSize = fontSizeFor(host.clientWidth, terminal.cols);
	});
	resized.observe(host);
	return () => {
		for (const stop of stops) stop();
		resized.disconnect();
		terminal.dispose();
	};
}

function fontSizeFor(width: number, cols: number): number {
	const fitting = Math.floor((width - 16) / (cols * cellWidth));
	return Math.min(largestFont, Math.max(smallestFont, fitting));
}

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** The page's palette as it is now, light or dark: the terminal wants plain colours. */
function themeOf(host: HTMLElement): ITheme {
	const probe = document.createElement("span");
	host.append(probe);
	const read = (token: string) => {
		probe.style.color = `var(${token})`;
		return getComputedStyle(probe).color;
	};
	const theme: Record<string, string> = {
		foreground: read("--ink"),
		background: read("--surface-code"),
		cursor: read("--ink-faint"),
		selectionBackground: read("--mark"),
	};
	names.forEach((name, i) => {
		theme[name] = read(`--ansi-${i}`);
		theme[`bright${name[0]?.toUpperCase()}${name.slice(1)}`] = read(`--ansi-${i + 8}`);
	});
	probe.remove();
	return theme;
}
