// JavaScript, checked by its types: a worker of the server starts from a file that Node itself can read, and needs it too.

/**
 * What is used of an xterm.js terminal, in the page or headless.
 * @typedef {{
 *   readonly cols: number,
 *   readonly rows: number,
 *   readonly parser: { registerOscHandler(ident: number, callback: (data: string) => boolean): unknown },
 * }} BoundedTerminal
 */

/**
 * xterm.js hands a parameter to public handlers as a copy only; inside, it is the value that its own handler reads next.
 * Pinned with its exact version; the test of the bounds fails when it changes.
 * @typedef {{
 *   registerCsiHandler(id: { final: string }, callback: (params: { params: Int32Array }) => boolean): unknown,
 * }} Internals
 */

/** All 256 colours set at once have a third of this; xterm.js' time for a list of colours grows with its square. */
const longestColours = 16 * 1024;

/**
 * Bounds what a few bytes of output can make a terminal do. xterm.js repeats these as often as the parameter says, up to
 * 2,147,483,647 times. Beyond the bounds a repetition changes nothing that can be seen, but for REP: a repeated character
 * fills at most the screen.
 *
 * @param {BoundedTerminal} terminal
 */
export function boundTerminal(terminal) {
	const core = /** @type {Internals} */ (/** @type {any} */ (terminal)._core);
	/** @param {string} finals @param {() => number} most */
	const bound = (finals, most) => {
		for (const final of finals) {
			core.registerCsiHandler({ final }, ({ params }) => {
				params[0] = Math.min(params[0] ?? 0, most());
				return false;
			});
		}
	};
	// Tabs forwards and backwards.
	bound("IZ", () => terminal.cols);
	// Lines inserted, deleted, scrolled up and down.
	bound("LMST", () => terminal.rows);
	// REP.
	bound("b", () => terminal.cols * terminal.rows);
	terminal.parser.registerOscHandler(4, (data) => data.length > longestColours);
}
