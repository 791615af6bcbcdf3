import { describe, expect, it } from "vitest";
import { type KeyBinding, type KeyPress, matchKey, pressName } from "./key-map.ts";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
	key,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	shiftKey: false,
	repeat: false,
	...more,
});
const binding = (keys: string, more: Partial<KeyBinding> = {}): KeyBinding => ({
	keys,
	label: keys,
	group: "test",
	run: () => {},
	...more,
});
const keys = [
	binding("Enter"),
	binding("j", { repeats: true }),
	binding("g l"),
	binding("Ctrl+k", { whileTyping: true }),
	binding("?"),
	binding("Shift+Enter"),
];

describe("pressName", () => {
	it("writes a press as bindings do", () => {
		expect(pressName(press("?", { shiftKey: true }))).toBe("?");
		expect(pressName(press("Enter", { shiftKey: true }))).toBe("Shift+Enter");
		expect(pressName(press("K", { metaKey: true, shiftKey: true }))).toBe("Ctrl+k");
		expect(pressName(press(" "))).toBe("Space");
	});
});

describe("matchKey", () => {
	it("a held Enter runs nothing, a held j moves on", () => {
		expect(matchKey(keys, press("Enter"), "page", null).kind).toBe("run");
		expect(matchKey(keys, press("Enter", { repeat: true }), "page", null).kind).toBe("swallow");
		expect(matchKey(keys, press("j", { repeat: true }), "page", null).kind).toBe("run");
	});

	it("a focused terminal gets every key, Escape and Ctrl+K included", () => {
		for (const one of [press("Enter"), press("j"), press("Escape"), press("k", { ctrlKey: true }), press("?")]) {
			expect(matchKey(keys, one, "terminal", null).kind).toBe("none");
		}
	});

	it("a field keeps what types, and lets Ctrl+K through", () => {
		expect(matchKey(keys, press("j"), "field", null).kind).toBe("none");
		expect(matchKey(keys, press("g"), "field", null).kind).toBe("none");
		expect(matchKey(keys, press("k", { ctrlKey: true }), "field", null).kind).toBe("run");
	});

	it("Enter on a focused button presses the button, it does not run the step", () => {
		expect(matchKey(keys, press("Enter"), "control", null).kind).toBe("none");
		expect(matchKey(keys, press("j"), "control", null).kind).toBe("run");
	});

	it("g waits for the second key", () => {
		expect(matchKey(keys, press("g"), "page", null)).toEqual({ kind: "prefix", prefix: "g" });
		const match = matchKey(keys, press("l"), "page", "g");
		expect(match.kind === "run" && match.binding.keys).toBe("g l");
		expect(matchKey(keys, press("x"), "page", "g").kind).toBe("none");
	});

	it("the binding that was added last is on top, one that is not enabled is not there", () => {
		const top = binding("j");
		const off = binding("j", { enabled: () => false });
		const match = matchKey([...keys, top, off], press("j"), "page", null);
		expect(match.kind === "run" && match.binding).toBe(top);
	});
});
