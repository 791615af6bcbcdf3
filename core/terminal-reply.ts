// What xterm.js answers to a program by itself: device attributes, status and cursor reports, mode and setting reports
// (DECRPM, DECRQSS), colour reports, window and title reports, its version (xterm's ctlseqs; xterm.js InputHandler).
const reply =
	/^(?:\x1b\[[?>=]?[\d;:]*(?:c|n|R|t|\$y|\*y)|\x1b\[\?[\d;]*u|\x1bP[01]?\$r[^\x1b]*\x1b\\|\x1bP>\|[^\x1b]*\x1b\\|\x1bP[01]\+r[^\x1b]*\x1b\\|\x1bP![|~][^\x1b]*\x1b\\|\x1b\](?:4;\d+|1[0-9]|5;\d+|l|L);?[^\x07\x1b]*(?:\x07|\x1b\\))+$/;

/**
 * Whether the text is nothing but a terminal's own answers to a program, which nobody typed.
 * F3 with a modifier (`ESC [ 1 ; 2 R`) looks like a cursor report and can't be told from one.
 */
export function isTerminalReply(data: string): boolean {
	return reply.test(data);
}
