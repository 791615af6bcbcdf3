// The screens of all runs, in one worker thread. JavaScript, checked by its types: a worker starts from a file that
// Node itself can read, and this one does from the sources and from a build alike.
import { parentPort } from "node:worker_threads";
import serialize from "@xterm/addon-serialize";
import headless from "@xterm/headless";
import { boundTerminal } from "../../core/bound-terminal.js";

/**
 * @typedef {{ type: "feed", channel: number, offset: number, cols: number, rows: number, bytes: Uint8Array }} Feed
 * Bytes from `offset` on, for a screen that has this size from there. A gap before them begins the screen anew.
 * @typedef {{ type: "snapshot", channel: number, id: number }} Snapshot
 * @typedef {{ type: "forget", channel: number }} Forget
 * @typedef {{ cols: number, rows: number, bytes: Uint8Array, due: number }} Piece
 * What waits to be written; `due` is the offset behind it.
 * @typedef {{ read(): void, gone(): void }} Reading
 * Wants the screen as it is when all before it is written.
 * @typedef {{ id: number, offset: number, cols: number, rows: number, screen: Uint8Array } | { id: number, error: string }} Answer
 */

/** Lines above the screen that a snapshot carries: a late viewer can scroll back a little. */
const scrollback = 1000;

/** Bytes that may wait for one screen; with more it is begun anew, as after a gap. */
const maxQueued = 8 * 1024 * 1024;

/** Bytes that a terminal has before it: what was asked for before a screen is forgotten is still parsed. */
const writtenAtOnce = 32 * 1024;

/** Cells of screen that are parsed in one go, if each byte costs one screen: a few milliseconds. */
const cellsInOneGo = 4_000_000;

/** An unfinished sequence that is longer is taken for garbage: a binary file on the screen. */
const longestSequence = 64 * 1024;

const ground = 0;
const inEscape = 1;
const intermediate = 2;
const control = 3;
const string = 4;

/**
 * Follows a terminal's parser just far enough to know where no sequence and no character is cut (ECMA-48; states as in
 * vt100.net/emu/dec_ansi_parser, with C1 controls in UTF-8 as xterm.js takes them).
 */
class GroundFinder {
	state = ground;
	/** Bytes of a UTF-8 character that are still to come. */
	continuation = 0;
	/** The last byte was C2, which a C1 control may follow. */
	afterC2 = false;

	/**
	 * @param {Uint8Array} bytes
	 * @returns {number} the length of the longest beginning that ends on the ground
	 */
	lastGround(bytes) {
		let last = 0;
		for (let i = 0; i < bytes.length; i++) {
			this.step(/** @type {number} */ (bytes[i]));
			if (this.state === ground && this.continuation === 0) {
				last = i + 1;
			}
		}
		return last;
	}

	/** @param {number} byte */
	step(byte) {
		if (byte >= 0x80) {
			this.stepUtf8(byte);
			return;
		}
		this.continuation = 0;
		this.afterC2 = false;
		if (byte === 0x18 || byte === 0x1a) {
			this.state = ground;
		} else if (byte === 0x1b) {
			// It also ends a string: the `\` of its terminator is then a sequence like any other.
			this.state = inEscape;
		} else if (this.state === string) {
			if (byte === 0x07) {
				this.state = ground;
			}
		} else if (this.state !== ground) {
			this.inSequence(byte);
		}
	}

	/** @param {number} byte */
	inSequence(byte) {
		if (byte < 0x20 || byte === 0x7f) {
			return;
		}
		if (this.state === inEscape) {
			if (byte === 0x5b) {
				this.state = control;
			} else if (byte === 0x5d || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) {
				this.state = string;
			} else {
				this.state = byte < 0x30 ? intermediate : ground;
			}
		} else if (this.state === intermediate) {
			this.state = byte < 0x30 ? intermediate : ground;
		} else if (this.state === control && byte >= 0x40) {
			this.state = ground;
		}
	}

	/** @param {number} byte */
	stepUtf8(byte) {
		if (byte >= 0xc0) {
			this.continuation = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
			this.afterC2 = byte === 0xc2;
			return;
		}
		if (this.continuation > 0) {
			this.continuation--;
		}
		if (this.afterC2 && byte < 0xa0) {
			if (byte === 0x9b) {
				this.state = control;
			} else if (byte === 0x90 || byte === 0x98 || byte === 0x9d || byte === 0x9e || byte === 0x9f) {
				this.state = string;
			} else {
				this.state = ground;
			}
		}
		this.afterC2 = false;
	}
}

class Screen {
	/** @param {Feed} feed */
	constructor({ offset, cols, rows }) {
		this.terminal = new headless.Terminal({
			cols,
			rows,
			scrollback,
			allowProposedApi: true,
			// A binary file on the screen is no fault of the server's: its log has nothing to say about it.
			logLevel: "off",
		});
		boundTerminal(this.terminal);
		// A snapshot has no links, and each would cost some KiB as long as its line is there.
		this.terminal.parser.registerOscHandler(8, () => true);
		this.addon = new serialize.SerializeAddon();
		// The addon asks for the browser's Terminal, of which it uses what the headless one has.
		this.terminal.loadAddon(/** @type {any} */ (this.addon));
		this.finder = new GroundFinder();
		/** Up to where bytes came. */
		this.fed = offset;
		/** Up to where they go on the screen: a place where nothing is cut. */
		this.due = offset;
		/** Up to where they are on the screen. */
		this.shown = offset;
		/** @type {Uint8Array} */
		this.tail = new Uint8Array(0);
		/** @type {(Piece | Reading)[]} */
		this.queue = [];
		this.queued = 0;
		this.isWriting = false;
		this.isGone = false;
	}

	/** @param {Feed} feed */
	feed({ cols, rows, bytes }) {
		this.fed += bytes.length;
		const cut = this.finder.lastGround(bytes);
		let now = cut === 0 ? new Uint8Array(0) : Buffer.concat([this.tail, bytes.subarray(0, cut)]);
		this.tail = cut === 0 ? Buffer.concat([this.tail, bytes]) : bytes.slice(cut);
		if (this.tail.length > longestSequence) {
			now = Buffer.concat([now, this.tail]);
			this.tail = new Uint8Array(0);
			this.finder = new GroundFinder();
		}
		this.due += now.length;
		this.queued += now.length;
		this.queue.push({ cols, rows, bytes: now, due: this.due });
		void this.write();
	}

	/** Writes what waits, a little at a time: the screens of other runs have their turn in between. */
	async write() {
		if (this.isWriting) {
			return;
		}
		this.isWriting = true;
		for (let next = this.queue[0]; next !== undefined && !this.isGone; next = this.queue[0]) {
			if ("read" in next) {
				this.queue.shift();
				next.read();
				continue;
			}
			const { cols, rows } = next;
			if (this.terminal.cols !== cols || this.terminal.rows !== rows) {
				this.terminal.resize(cols, rows);
			}
			const some = next.bytes.subarray(0, writtenAtOnce);
			next.bytes = next.bytes.subarray(some.length);
			this.queued -= some.length;
			if (next.bytes.length === 0) {
				this.queue.shift();
				this.shown = next.due;
			}
			if (some.length > 0) {
				await this.writeSome(some);
			}
		}
		this.isWriting = false;
	}

	/**
	 * The terminal parses each piece in one go; some bytes may each cost as much as the screen has cells.
	 * @param {Uint8Array} bytes
	 * @returns {Promise<void>}
	 */
	writeSome(bytes) {
		const { cols, rows } = this.terminal;
		const length = Math.max(256, Math.floor(cellsInOneGo / (cols * rows)));
		let at = 0;
		for (; at + length < bytes.length; at += length) {
			this.terminal.write(bytes.subarray(at, at + length));
		}
		return new Promise((resolve) => this.terminal.write(bytes.subarray(at), resolve));
	}

	dispose() {
		this.isGone = true;
		this.terminal.dispose();
		for (const one of this.queue) {
			if ("read" in one) {
				one.gone();
			}
		}
		this.queue = [];
	}

	/** @returns {Promise<{ offset: number, cols: number, rows: number, screen: Uint8Array }>} */
	snapshot() {
		return new Promise((resolve, reject) => {
			const read = () => {
				try {
					const { cols, rows } = this.terminal;
					const screen = this.addon.serialize({ scrollback }) + this.region() + this.pendingWrap() + this.modes();
					resolve({ offset: this.shown, cols, rows, screen: Buffer.from(screen) });
				} catch (error) {
					reject(error);
				}
			};
			this.queue.push({ read, gone: () => reject(new Error("the screen was begun anew")) });
			void this.write();
		});
	}

	/** The scroll region, which the addon leaves out. Setting it moves the cursor. */
	region() {
		const { scrollTop, scrollBottom } = internals(this.terminal).buffer;
		if (scrollTop === 0 && scrollBottom === this.terminal.rows - 1) {
			return "";
		}
		const { cursorX, cursorY } = this.terminal.buffer.active;
		const row = cursorY + 1 - (this.terminal.modes.originMode ? scrollTop : 0);
		return `\x1b[${scrollTop + 1};${scrollBottom + 1}r\x1b[${row};${cursorX + 1}H`;
	}

	/** What else the addon leaves out: character sets, a hidden cursor and its form, how the mouse is told. */
	modes() {
		const { coreService, coreMouseService, _charsetService } = internals(this.terminal);
		const { cursorStyle, cursorBlink } = coreService.decPrivateModes;
		let modes = "";
		for (const [index, charset] of _charsetService._charsets.entries()) {
			// Line drawing is the one set that programs still use.
			if (charset?.q === "\u2500") {
				modes += `\x1b${"()*+"[index]}0`;
			}
		}
		modes += ["", "\x0e", "\x1bn", "\x1bo"][_charsetService.glevel] ?? "";
		if (cursorStyle !== undefined) {
			const form = { block: 1, underline: 3, bar: 5 }[cursorStyle] + (cursorBlink === true ? 0 : 1);
			modes += `\x1b[${form} q`;
		}
		if (coreMouseService.activeEncoding === "SGR") {
			modes += "\x1b[?1006h";
		}
		return coreService.isCursorHidden ? `${modes}\x1b[?25l` : modes;
	}

	/**
	 * A cursor that has just filled the last column wraps with the next character; no sequence moves it there, so its
	 * line's last character is written once more, which the addon does not do.
	 */
	pendingWrap() {
		const buffer = this.terminal.buffer.active;
		if (buffer.cursorX < this.terminal.cols) {
			return "";
		}
		const line = buffer.getLine(buffer.baseY + buffer.cursorY);
		const last = this.terminal.cols - 1;
		// A wide character stands in the column before.
		const column = line?.getCell(last)?.getWidth() === 0 ? last - 1 : last;
		return `\x1b[${column + 1}G${line?.getCell(column)?.getChars() || " "}`;
	}
}

/**
 * xterm.js' own state, where its public interface has none. Pinned with its exact version; the test that cuts at every
 * byte fails when it changes.
 * @typedef {{
 *   buffer: { scrollTop: number, scrollBottom: number },
 *   coreService: {
 *     isCursorHidden: boolean,
 *     decPrivateModes: { cursorStyle?: "block" | "underline" | "bar", cursorBlink?: boolean },
 *   },
 *   coreMouseService: { activeEncoding: string },
 *   _charsetService: { glevel: number, _charsets: (Record<string, string> | undefined)[] },
 * }} Internals
 * @param {import("@xterm/headless").Terminal} terminal
 * @returns {Internals}
 */
function internals(terminal) {
	return /** @type {any} */ (terminal)._core;
}

/** @type {Map<number, Screen>} */
const screens = new Map();
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

/** @param {Feed | Snapshot | Forget} message */
function handle(message) {
	const { channel } = message;
	let screen = screens.get(channel);
	if (message.type === "feed") {
		if (screen === undefined || screen.fed !== message.offset || screen.queued > maxQueued) {
			screen?.dispose();
			screen = new Screen(message);
			screens.set(channel, screen);
		}
		screen.feed(message);
	} else if (message.type === "forget") {
		screen?.dispose();
		screens.delete(channel);
	} else {
		const { id } = message;
		const reading = screen?.snapshot() ?? Promise.reject(new Error("no screen"));
		reading.then(
			(snapshot) => port.postMessage({ id, ...snapshot }),
			(error) => port.postMessage({ id, error: String(error) }),
		);
	}
}

port.on("message", handle);
