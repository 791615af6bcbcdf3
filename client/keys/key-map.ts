/** One key (or two after each other) and what it does. */
export interface KeyBinding {
	/** `j`, `Enter`, `Shift+Enter`, `Ctrl+k`, or a sequence: `g l`. `Ctrl` is Cmd on a Mac as well. */
	keys: string;
	/** What it does, for the map of keys and the palette. */
	label: string;
	/** Under which heading the map shows it. */
	group: string;
	/** Whether holding the key does it again; moving may, running never. */
	repeats?: boolean;
	/** Whether it works while typing in a field; only for keys that type nothing. */
	whileTyping?: boolean;
	/** Absent from the palette: moving makes no sense there. */
	hidden?: boolean;
	/** False: the key is not taken now, and goes on to the browser. */
	enabled?: () => boolean;
	run: () => void;
}

/** What is read of a keyboard event. */
export interface KeyPress {
	key: string;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
	shiftKey: boolean;
	repeat: boolean;
}

/** Where the key was pressed: a terminal takes all, a field takes what types, a control takes Enter and Space. */
export type KeyPlace = "page" | "control" | "field" | "terminal";

/** How a press is written in a binding: `Ctrl+k`, `Shift+Enter`, `?`. Shift is written only where the key has no other sign of it. */
export function pressName(press: KeyPress): string {
	const printable = press.key.length === 1 && press.key !== " ";
	const parts: string[] = [];
	if (press.ctrlKey || press.metaKey) parts.push("Ctrl");
	if (press.altKey) parts.push("Alt");
	if (press.shiftKey && !printable) parts.push("Shift");
	parts.push(press.key === " " ? "Space" : parts.length > 0 && printable ? press.key.toLowerCase() : press.key);
	return parts.join("+");
}

export type KeyMatch =
	| { kind: "run"; binding: KeyBinding }
	/** The first key of a sequence; the next one decides. */
	| { kind: "prefix"; prefix: string }
	/** Taken and nothing done: a held key. */
	| { kind: "swallow" }
	| { kind: "none" };

const sequenceStart = "g";

/** What a press means. Pure: the later of two bindings of the same keys wins, so that what is on top comes last. */
export function matchKey(
	bindings: readonly KeyBinding[],
	press: KeyPress,
	place: KeyPlace,
	prefix: string | null,
): KeyMatch {
	if (place === "terminal") return { kind: "none" };
	const name = pressName(press);
	const whole = prefix === null ? name : `${prefix} ${name}`;
	const binding = bindings.findLast((b) => b.keys === whole && (b.enabled?.() ?? true));
	if (binding) {
		if (place === "field" && binding.whileTyping !== true) return { kind: "none" };
		if (place === "control" && (name === "Enter" || name === "Space")) return { kind: "none" };
		if (press.repeat && binding.repeats !== true) return { kind: "swallow" };
		return { kind: "run", binding };
	}
	const begins = prefix === null && name === sequenceStart && bindings.some((b) => b.keys.startsWith(`${name} `));
	if (begins && place !== "field" && !press.repeat) return { kind: "prefix", prefix: name };
	return { kind: "none" };
}
