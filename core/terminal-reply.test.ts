import { expect, test } from "vitest";
import { isTerminalReply } from "./terminal-reply.ts";

test.each([
	["primary device attributes", "\x1b[?1;2c"],
	["secondary device attributes", "\x1b[>0;276;0c"],
	["device status", "\x1b[0n"],
	["cursor position", "\x1b[12;40R"],
	["extended cursor position", "\x1b[?12;40R"],
	["mode report", "\x1b[?2004;1$y"],
	["setting report", "\x1bP1$r0m\x1b\\"],
	["a colour", "\x1b]11;rgb:0000/0000/0000\x1b\\"],
	["a palette colour", "\x1b]4;1;rgb:cc/00/00\x07"],
	["window size", "\x1b[8;24;80t"],
	["a title", "\x1b]lrm -rf /\x1b\\"],
	["two answers in one", "\x1b[?1;2c\x1b[0n"],
])("%s is a terminal's own answer", (_name, data) => {
	expect(isTerminalReply(data)).toBe(true);
});

test.each([
	["letters", "ls\n"],
	["Ctrl+C", "\x03"],
	["Esc", "\x1b"],
	["an arrow", "\x1b[A"],
	["Shift+Tab", "\x1b[Z"],
	["F5", "\x1b[15~"],
	["Alt+c", "\x1bc"],
	["a paste", "\x1b[200~rm\x1b[201~"],
	["a mouse click", "\x1b[<0;10;10M"],
	["focus", "\x1b[I"],
	["an answer with something behind it", "\x1b[0nls\n"],
	["nothing", ""],
])("%s is typed by a person", (_name, data) => {
	expect(isTerminalReply(data)).toBe(false);
});
