import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Terminal } from "@xterm/xterm";
import { boundTerminal } from "../../../../core/bound-terminal.js";
import { isTerminalReply } from "../../../../core/terminal-reply.ts";
import { copyText } from "../../../shell/copy-text.ts";
import { terminalTheme } from "./terminal-theme.ts";
import { writeInPieces } from "./write-in-pieces.ts";
import "@xterm/xterm/css/xterm.css";

export interface ScreenOptions {
	/** Whether what is typed now goes to the program. */
	mayType(): boolean;
	theme: "light" | "dark";
	onInput(data: string): void;
	/** The size that fits the place; the driver's counts. */
	onSize(cols: number, rows: number): void;
	/** Shift+Esc. */
	onLeave(): void;
}

export interface ScreenHandle {
	opened(cols: number, rows: number, driving: boolean): void;
	write(bytes: Uint8Array, done: () => void): void;
	restore(bytes: Uint8Array, done: () => void): void;
	resize(cols: number, rows: number): void;
	setFull(full: boolean): void;
	/** Gives it the keyboard, without a scroll. */
	focus(): void;
	search(text: string, backwards?: boolean): boolean;
	end(): void;
	dispose(): void;
}

const defaultRows = 24;

/** One xterm in the page: its only wrapper. The element shows as many rows as hold something, and none before the first byte. */
export function openScreen(place: HTMLElement, options: ScreenOptions): ScreenHandle {
	const terminal = new Terminal({
		cols: 80,
		rows: defaultRows,
		fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-mono"),
		fontSize: 13,
		lineHeight: 1.35,
		scrollback: 5_000,
		cursorBlink: false,
		convertEol: false,
		allowProposedApi: true,
		logLevel: "off",
		// What a program prints is not followed by a press: links of output stay text.
		linkHandler: { activate: () => {} },
		theme: terminalTheme(place),
		screenReaderMode: false,
	});
	const fit = new FitAddon();
	const search = new SearchAddon();
	terminal.loadAddon(fit);
	terminal.loadAddon(search);
	// A page's clipboard and its title are not a program's to read or set.
	terminal.parser.registerOscHandler(52, () => true);
	boundTerminal(terminal);
	place.style.height = "0px";
	place.dataset.empty = "";
	terminal.open(place);

	let over = false;
	let full = false;
	let size = "";

	terminal.attachCustomKeyEventHandler((event) => {
		if (event.type !== "keydown") return true;
		if (event.key === "Escape" && event.shiftKey) {
			event.preventDefault();
			options.onLeave();
			return false;
		}
		// Copying what is selected; without a selection it is the program's Ctrl+C.
		if (
			(event.ctrlKey || event.metaKey) &&
			event.shiftKey &&
			event.key.toLowerCase() === "c" &&
			terminal.hasSelection()
		) {
			event.preventDefault();
			void copyText(terminal.getSelection()).then(() => terminal.focus());
			return false;
		}
		return true;
	});
	terminal.onData((data) => {
		if (over || !options.mayType()) return;
		// The same person's other windows must not answer a second time.
		if (isTerminalReply(data) && !document.hasFocus()) return;
		options.onInput(data);
	});
	terminal.onBinary((data) => {
		if (!over && options.mayType()) options.onInput(data);
	});

	/** Shows the rows that are used; all of them once it scrolls or a program takes the screen. */
	const showRows = () => {
		if (!full && place.dataset.empty !== undefined) return;
		const buffer = terminal.buffer.active;
		const cell = place.querySelector<HTMLElement>(".xterm-screen");
		if (!cell) return;
		const rowHeight = cell.offsetHeight / terminal.rows;
		let rows = terminal.rows;
		if (!full && buffer.type === "normal" && buffer.baseY === 0) {
			rows = buffer.cursorY + 1;
			for (let y = terminal.rows - 1; y >= rows; y--) {
				if ((buffer.getLine(y)?.translateToString(true) ?? "") !== "") {
					rows = y + 1;
					break;
				}
			}
		}
		// It only grows while the run goes on: what stands below must not jump back and forth.
		const height = `${Math.ceil(rowHeight * rows)}px`;
		if (full) place.style.height = "";
		else if (Number.parseFloat(height) > (Number.parseFloat(place.style.height) || 0)) place.style.height = height;
	};
	terminal.onWriteParsed(() => {
		delete place.dataset.empty;
		showRows();
	});

	const fitNow = () => {
		const wanted = fit.proposeDimensions();
		if (!wanted || !Number.isFinite(wanted.cols) || wanted.cols < 2) return;
		const cols = Math.min(1000, wanted.cols);
		const rows = full ? Math.max(4, Math.min(1000, wanted.rows)) : defaultRows;
		const next = `${cols}x${rows}`;
		if (next === size || !options.mayType()) return;
		size = next;
		terminal.resize(cols, rows);
		options.onSize(cols, rows);
	};
	let waiting = 0;
	const observer = new ResizeObserver(() => {
		window.clearTimeout(waiting);
		waiting = window.setTimeout(fitNow, 60);
	});
	const media = window.matchMedia("(prefers-color-scheme: dark)");
	const recolour = () => {
		terminal.options.theme = terminalTheme(place);
	};
	media.addEventListener("change", recolour);
	const themeChanges = new MutationObserver(recolour);
	themeChanges.observe(document.documentElement, { attributeFilter: ["data-theme"] });

	return {
		opened(cols, rows, driving) {
			terminal.resize(cols, rows);
			size = `${cols}x${rows}`;
			if (driving) fitNow();
			observer.observe(place.parentElement ?? place);
			showRows();
		},
		write(bytes, done) {
			writeInPieces(terminal, bytes, done);
		},
		restore(bytes, done) {
			terminal.reset();
			writeInPieces(terminal, bytes, done);
		},
		resize(cols, rows) {
			terminal.resize(cols, rows);
		},
		setFull(next) {
			full = next;
			place.style.height = next ? "" : "0px";
			if (next) terminal.focus();
			requestAnimationFrame(() => {
				fitNow();
				showRows();
			});
		},
		focus: () => terminal.focus(),
		search: (text, backwards = false) => (backwards ? search.findPrevious(text) : search.findNext(text)),
		end() {
			over = true;
			terminal.options.cursorStyle = "underline";
			terminal.options.cursorInactiveStyle = "none";
		},
		dispose() {
			window.clearTimeout(waiting);
			observer.disconnect();
			themeChanges.disconnect();
			media.removeEventListener("change", recolour);
			terminal.dispose();
		},
	};
}
