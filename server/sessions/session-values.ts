import type { JsonValue } from "../../core/json.ts";
import { isProblem, type Problem, problem } from "../../core/problem.ts";
import type { SessionState } from "../../core/session-state.ts";
import type { Substituted } from "../../steps/step-executor.ts";

/** Different values that the secrets of a session may have had, and their length in all, before no more are taken. */
const mostSecretValues = 100;
const mostSecretLength = 1_000_000;

/**
 * Values that must not be recorded, by session: they live as long as the process. A value that was replaced is kept too:
 * what was made from it still holds it.
 */
export class SecretValues {
	readonly #bySession = new Map<string, Map<string, JsonValue>>();
	/** By session and by the value as JSON: under which name it came. */
	readonly #ever = new Map<string, Map<string, { name: string; value: JsonValue }>>();

	set(session: string, name: string, value: JsonValue): void {
		const values = this.#bySession.get(session) ?? new Map<string, JsonValue>();
		values.set(name, value);
		this.#bySession.set(session, values);
		this.remember(session, name, value);
	}

	/** Keeps a value to be masked, under a name that is no value's of the session. */
	remember(session: string, name: string, value: JsonValue): void {
		const known = this.#ever.get(session) ?? new Map<string, { name: string; value: JsonValue }>();
		this.#ever.set(session, known);
		const key = JSON.stringify(value);
		if (!known.has(key)) known.set(key, { name, value });
	}

	/** Every value that was set or remembered, with the first name that it had. */
	ever(session: string): { name: string; value: JsonValue }[] {
		return [...(this.#ever.get(session)?.values() ?? [])];
	}

	/** The sessions that have values. */
	sessions(): string[] {
		return [...this.#ever.keys()];
	}

	/** Whether there is no room for a further value; one that is known takes none. */
	isFull(session: string, value?: JsonValue): boolean {
		const known = this.#ever.get(session);
		if (!known || (value !== undefined && known.has(JSON.stringify(value)))) return false;
		const length = [...known.keys()].reduce((sum, key) => sum + key.length, 0);
		return known.size >= mostSecretValues || length >= mostSecretLength;
	}

	of(session: string): ReadonlyMap<string, JsonValue> {
		return this.#bySession.get(session) ?? new Map();
	}

	forget(session: string): void {
		this.#bySession.delete(session);
		this.#ever.delete(session);
	}
}

/** The values of a session by name, without its secrets. What was erased is absent. */
export function plainValues(state: SessionState): Map<string, JsonValue> {
	const values = new Map<string, JsonValue>();
	for (const [name, { value, secret }] of Object.entries(state.values)) {
		if (secret || value?.content === undefined) continue;
		try {
			values.set(name, JSON.parse(value.content) as JsonValue);
		} catch {
			// Content that is not JSON was not written by us; it is as good as erased.
		}
	}
	return values;
}

const templatePattern = /\{\{\s*([A-Za-z_][A-Za-z0-9_-]*)(?:\.([A-Za-z_][A-Za-z0-9_]*))?\s*\}\}/g;

/** What a template may name. */
export interface TemplateNames {
	values: ReadonlyMap<string, JsonValue>;
	/** Names that an earlier step of the same group will capture. */
	pending: ReadonlySet<string>;
	secrets: ReadonlySet<string>;
	/** `{{cluster.masterName}}`: a fact of the target that the parameter `cluster` names. */
	attribute(target: string, attribute: string): JsonValue | undefined;
}

/** Replaces `{{name}}` and `{{target.attribute}}`. Pending names stay as they are and are told, with their places. */
export function substitute(text: string, names: TemplateNames): Substituted | Problem {
	const holes: Substituted["holes"] = [];
	let filled = "";
	let from = 0;
	for (const match of text.matchAll(templatePattern)) {
		const [written, name = "", attribute] = match;
		filled += text.slice(from, match.index);
		from = match.index + written.length;
		if (attribute === undefined && names.pending.has(name) && !names.secrets.has(name)) {
			holes.push({ name, offset: filled.length });
			filled += `{{${name}}}`;
			continue;
		}
		const value = valueOf(name, attribute, names);
		if (isProblem(value)) return value;
		filled += value.text;
	}
	return { text: filled + text.slice(from), pending: [...new Set(holes.map(({ name }) => name))], holes };
}

function valueOf(name: string, attribute: string | undefined, names: TemplateNames): { text: string } | Problem {
	if (names.secrets.has(name)) {
		return problem("value-missing", `\`${name}\` is a secret, so it can't stand in a text that is recorded.`, {
			next: "Use it in a shell step, where it is a variable.",
		});
	}
	const value = names.values.get(name);
	if (value === undefined) return problem("value-missing", `\`${name}\` has no value yet.`, { data: { value: name } });
	if (attribute === undefined) return { text: scalar(value) };
	const fact = names.attribute(String(value), attribute);
	if (fact === undefined || fact === null) {
		return problem("value-missing", `The target \`${String(value)}\` has no \`${attribute}\`.`);
	}
	return { text: scalar(fact) };
}

function scalar(value: JsonValue): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}
