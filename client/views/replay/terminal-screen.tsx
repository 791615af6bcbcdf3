/*
 * A run's screen at the playhead, in a terminal that only shows: nothing is typed into it, its replies to the output's
 * questions go nowhere, and the output reaches neither the clipboard nor links. The terminal loads when first needed.
 */
import type { ReadonlySignal } from "@preact/signals";
import { effect, useSignal } from "@preact/signals";
import type { ISearchOptions, SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";
import { useEffect, useRef } from "preact/hooks";
import { boundTerminal } from "../../../core/bound-terminal.js";
import { useApp } from "../../shell/app-context.ts";
import { terminalTheme } from "../session/terminal/terminal-theme.ts";
import { writeInPieces } from "../session/terminal/write-in-pieces.ts";
import { findWords, wordsOfQuery } from "./find-words.ts";
import { type Replay, useReplay } from "./replay-context.ts";
import type { LoadedRecording } from "./replay-recordings.ts";
import "./terminal-screen.css";

/** A cell of the monospaced font is so wide, as a part of its size. */
const cellWidth = 0.602;
const largestFont = 14;
const smallestFont = 10;

export function TerminalScreen({
	recording,
	run,
	shown,
}: {
	recording: LoadedRecording;
	run: string;
	/** How many of its events have happened at the playhead. */
	shown: ReadonlySignal<number>;
}) {
	const { theme } = useApp();
	const replay = useReplay();
	const host = useRef<HTMLDivElement>(null);
	const failed = useSignal(false);
	useEffect(() => {
		let disposed = false;
		let dispose = () => {};
		loadTerminal().then(
			(parts) => {
				if (!disposed && host.current)
					dispose = play(parts, host.current, recording, run, shown, replay, () => theme.choice.value);
			},
			() => {
				failed.value = true;
			},
		);
		return () => {
			disposed = true;
			dispose();
		};
	}, [recording, run, shown, replay, theme, failed]);
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
	run: string,
	shown: ReadonlySignal<number>,
	{ query, found, player }: Replay,
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
		theme: terminalTheme(host),
		linkHandler: { activate: () => {} },
		// Hits are marked by decorations.
		allowProposedApi: true,
		logLevel: "off",
	});
	// Nobody listens to what it answers (onData), so that no reply of it reaches a process. The clipboard is not its own.
	terminal.parser.registerOscHandler(52, () => true);
	boundTerminal(terminal);
	const search = new SearchAddon();
	terminal.loadAddon(search);
	terminal.open(host);
	// The page's keys are the player's: the terminal's own hidden field takes none.
	terminal.textarea?.setAttribute("tabindex", "-1");
	terminal.attachCustomKeyEventHandler(() => false);

	/** What is written is taken in later, so that all else has to wait for its turn. */
	const inTurn = (act: () => void) => terminal.write("", act);
	let written = 0;
	const stops = [
		effect(() => {
			const to = shown.value;
			if (to < written) {
				inTurn(() => {
					terminal.reset();
					terminal.resize(recording.cols, recording.rows);
				});
				written = 0;
			}
			for (; written < to; written++) {
				const event = recording.events[written];
				if (event?.kind === "output") writeInPieces(terminal, event.bytes);
				else if (event?.kind === "resize") inTurn(() => terminal.resize(event.cols, event.rows));
			}
		}),
		effect(() => {
			const wanted = wordsOfQuery(query.value);
			const place = found.value;
			const isHere = place !== null && place.run === run && place.at === player.at.value;
			inTurn(() => {
				search.clearDecorations();
				if (wanted.length === 0) return;
				try {
					search.findPrevious(patternOf(wanted), { regex: true, decorations: hitColours(host) });
				} catch {
					// It can lose itself in a full scrollback whose first line goes on from one that is gone: then nothing is marked.
				}
				if (isHere) showLine(terminal, query.value, wanted.length);
			});
		}),
		effect(() => {
			observeTheme();
			requestAnimationFrame(() => {
				terminal.options.theme = terminalTheme(host);
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

/** Brings the line that was found into sight: the one nearest to the end that has all of the words. */
function showLine(terminal: Terminal, query: string, words: number): void {
	const buffer = terminal.buffer.active;
	for (let row = buffer.length - 1; row >= 0; row--) {
		const text = buffer.getLine(row)?.translateToString(true) ?? "";
		const found = new Set(findWords(text, query).map(([start, end]) => text.slice(start, end).toLowerCase()));
		if (found.size < words) continue;
		terminal.select(0, row, text.length);
		terminal.scrollToLine(Math.max(0, row - Math.floor(terminal.rows / 3)));
		return;
	}
}

/** Any of the words, as text: nothing a person types is a pattern. */
function patternOf(words: readonly string[]): string {
	return words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|");
}

/** How hits are marked in this theme; the terminal wants `#rrggbb`. */
function hitColours(host: HTMLElement): NonNullable<ISearchOptions["decorations"]> {
	const probe = document.createElement("span");
	host.append(probe);
	const read = (token: string) => {
		probe.style.color = `var(${token})`;
		const parts = getComputedStyle(probe).color.match(/\d+/g) ?? [];
		return `#${parts
			.slice(0, 3)
			.map((part) => Number(part).toString(16).padStart(2, "0"))
			.join("")}`;
	};
	const [mark, line] = [read("--mark"), read("--warn-line")];
	probe.remove();
	return {
		matchBackground: mark,
		matchOverviewRuler: mark,
		activeMatchBackground: mark,
		activeMatchBorder: line,
		activeMatchColorOverviewRuler: line,
	};
}
