import { type Signal, signal } from "@preact/signals";

/** What is typed into one dialog, until it is sent. */
export interface Draft {
	/** Whether it stands there from an earlier opening. */
	kept: boolean;
	/** A field by its name; `first` is what it holds as long as nobody has typed. */
	field<T>(name: string, first: T): Signal<T>;
	/** Empties it: every field is again as it was at first. */
	reset(): void;
	/** The dialog is left and nothing sent. Gives whether something was typed and is kept for the next opening. */
	leave(): boolean;
	/** It was sent. */
	forget(): void;
}

/** Drafts by dialog, kept as long as the page stands: Escape or a press beside a dialog loses nothing that was typed. */
export interface Drafts {
	open(dialog: string): Draft;
	/** Forgets all of them, and keeps none from then on: whoever typed them is gone. */
	clear(): void;
}

interface Field {
	first: unknown;
	now: Signal<unknown>;
}

export function createDrafts(): Drafts {
	const drafts = new Map<string, Map<string, Field>>();
	let isOver = false;
	return {
		clear() {
			drafts.clear();
			isOver = true;
		},
		open(dialog) {
			const kept = drafts.has(dialog);
			const fields = drafts.get(dialog) ?? new Map<string, Field>();
			return {
				kept,
				field<T>(name: string, first: T) {
					const field = fields.get(name) ?? { first, now: signal<unknown>(first) };
					// What it would hold otherwise may have changed since.
					field.first = first;
					fields.set(name, field);
					return field.now as Signal<T>;
				},
				reset() {
					for (const { first, now } of fields.values()) now.value = first;
				},
				leave() {
					const typed = [...fields.values()].some(({ first, now }) => !isSame(first, now.peek()));
					if (isOver) return false;
					if (typed) drafts.set(dialog, fields);
					else drafts.delete(dialog);
					return typed;
				},
				forget: () => drafts.delete(dialog),
			};
		},
	};
}

/** By what they hold: a list that was emptied again is the empty list. */
function isSame(a: unknown, b: unknown): boolean {
	return Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b);
}
