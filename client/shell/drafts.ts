import { type Signal, signal } from "@preact/signals";

/** What is typed into one dialog, until it is sent. */
export interface Draft {
	/** Whether it stands there from an earlier opening. */
	kept: boolean;
	/** A field by its name; `first` is what it holds as long as nobody has typed. */
	field<T>(name: string, first: T): Signal<T>;
	/** Empties it: every field is again as it was at first. */
	reset(): void;
	/**
	 * The dialog is left and nothing sent. Gives whether something was typed and is kept for the next opening. A form that is
	 * never closed says so with each change.
	 */
	leave(): boolean;
	/** It was sent. */
	forget(): void;
}

/** Drafts by dialog: Escape, a press beside a dialog or a reload loses nothing that was typed and kept. */
export interface Drafts {
	open(dialog: string): Draft;
	/** Forgets all of them, and keeps none from then on: whoever typed them is gone. */
	clear(): void;
}

/** Where drafts outlast the page, as one text; null is nothing. */
export interface DraftPlace {
	read(): string | null;
	write(text: string | null): void;
}

interface Field {
	first: unknown;
	now: Signal<unknown>;
}

export function createDrafts(place: DraftPlace): Drafts {
	// Read with the first that is opened: by then it is known whose page this is.
	let kept: Map<string, Map<string, Field>> | null = null;
	const drafts = () => {
		kept ??= readDrafts(place.read());
		return kept;
	};
	const write = () => place.write(drafts().size === 0 ? null : textOf(drafts()));
	let isOver = false;
	return {
		clear() {
			kept = new Map();
			place.write(null);
			isOver = true;
		},
		open(dialog) {
			const fields = drafts().get(dialog) ?? new Map<string, Field>();
			return {
				kept: drafts().has(dialog),
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
					if (typed) drafts().set(dialog, fields);
					else drafts().delete(dialog);
					write();
					return typed;
				},
				forget() {
					if (drafts().delete(dialog)) write();
				},
			};
		},
	};
}

function textOf(drafts: ReadonlyMap<string, ReadonlyMap<string, Field>>): string {
	const plain = [...drafts].map(([dialog, fields]) => [
		dialog,
		[...fields].map(([name, { now }]) => [name, now.peek()]),
	]);
	return JSON.stringify(plain);
}

/** What was written by `textOf`; of anything else, nothing: a draft is never worth a page that does not open. */
function readDrafts(text: string | null): Map<string, Map<string, Field>> {
	try {
		const plain = JSON.parse(text ?? "[]") as [string, [string, unknown][]][];
		const fieldsOf = (fields: [string, unknown][]) =>
			new Map(fields.map(([name, now]): [string, Field] => [name, { first: undefined, now: signal(now) }]));
		return new Map(plain.map(([dialog, fields]) => [dialog, fieldsOf(fields)]));
	} catch {
		return new Map();
	}
}

/** By what they hold: a list that was emptied again is the empty list. */
function isSame(a: unknown, b: unknown): boolean {
	return Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b);
}
