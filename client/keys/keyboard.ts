import { type ReadonlySignal, signal } from "@preact/signals";
import { type KeyBinding, type KeyPlace, matchKey } from "./key-map.ts";

export interface Keyboard {
	/** All bindings that are in force, for the map of keys and the palette. */
	bindings: ReadonlySignal<readonly KeyBinding[]>;
	/** Puts bindings on top until the returned function is called. */
	add(bindings: readonly KeyBinding[]): () => void;
	/**
	 * While `when` holds, a key that types something does nothing on the page itself, apart from `but`: somebody is about
	 * to type into a program, and what misses it must not become a command. Until the returned function is called.
	 */
	hold(when: () => boolean, but: readonly string[]): () => void;
}

const sequenceMs = 1_200;

/** Listens to the window. A modal dialog has the keyboard to itself: only its own fields and Ctrl+K work there. */
export function createKeyboard(window: Window): Keyboard {
	const layers = new Set<readonly KeyBinding[]>();
	const bindings = signal<readonly KeyBinding[]>([]);
	const update = () => {
		bindings.value = [...layers].flat();
	};
	const holds = new Set<(key: string) => boolean>();
	let prefix: string | null = null;
	let prefixAt = 0;
	window.addEventListener("keydown", (event) => {
		if (event.defaultPrevented || event.isComposing) return;
		if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
		if (prefix !== null && event.timeStamp - prefixAt > sequenceMs) prefix = null;
		if (window.document.querySelector("dialog[open]")) return;
		const place = placeOf(event.target);
		const types = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
		if (place === "page" && types && [...holds].some((held) => held(event.key))) {
			prefix = null;
			event.preventDefault();
			return;
		}
		const match = matchKey(bindings.value, event, place, prefix);
		prefix = null;
		if (match.kind === "none") return;
		event.preventDefault();
		if (match.kind === "prefix") {
			prefix = match.prefix;
			prefixAt = event.timeStamp;
		} else if (match.kind === "run") {
			match.binding.run();
		}
	});
	return {
		bindings,
		add(layer) {
			layers.add(layer);
			update();
			return () => {
				layers.delete(layer);
				update();
			};
		},
		hold(when, but) {
			const held = (key: string) => !but.includes(key) && when();
			holds.add(held);
			return () => holds.delete(held);
		},
	};
}

/** A part of the page that takes every key carries `data-keys="all"`. */
export function placeOf(target: EventTarget | null): KeyPlace {
	if (!(target instanceof Element)) return "page";
	if (target.closest('[data-keys="all"]')) return "terminal";
	if (target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]"))
		return "field";
	if (target.closest("button, a[href], summary, input, [role=button], [role=tab], [role=option]")) return "control";
	return "page";
}
