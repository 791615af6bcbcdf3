import type { JsonValue } from "../../core/json.ts";
import { ProblemError } from "../../core/problem.ts";
import type { TargetHost } from "../../targets/target-kind.ts";
import { createMasking } from "../terminals/masker.ts";
import { maskedJson } from "./masked-outcome.ts";
import { secretTexts } from "./secret-texts.ts";
import type { SecretValues } from "./session-values.ts";
import type { ConfiguredTarget } from "./topologies.ts";

/** What must not be recorded of a session: its own secrets, as they are and ever were, and those of the targets it uses. */
export class SessionSecrets {
	readonly #values: SecretValues;
	readonly #target: (name: string) => ConfiguredTarget | null;
	readonly #host: TargetHost;

	constructor(values: SecretValues, target: (name: string) => ConfiguredTarget | null, host: TargetHost) {
		this.#values = values;
		this.#target = target;
		this.#host = host;
	}

	/** From now on the credentials of these targets are among the session's secrets, as they are at this moment. */
	useTargets(session: string, clusters: Iterable<string>): void {
		for (const cluster of clusters) {
			const configured = this.#target(cluster);
			const secrets = configured?.kind.secrets?.(configured.target, this.#host) ?? {};
			for (const [what, text] of Object.entries(secrets)) {
				this.#values.remember(session, `${cluster}: ${what}`, text);
			}
		}
	}

	/** The values themselves. */
	values(session: string): JsonValue[] {
		return this.#values.ever(session).map(({ value }) => value);
	}

	/** Masks a whole text. */
	mask(session: string): (text: string) => string {
		return createMasking(secretTexts(this.values(session))).text;
	}

	/** Masks the secrets of all sessions, as far as they are known, in a short text: which of them it is about is not known. */
	maskAll(text: string): string {
		const texts = secretTexts(this.#values.sessions().flatMap((session) => this.values(session)));
		return createMasking(texts.filter((secret) => secret.length <= text.length)).text(text);
	}

	/** Whether a value holds a secret, in whatever form it would be masked. */
	holds(session: string, value: JsonValue): boolean {
		return JSON.stringify(maskedJson(value, this.mask(session))) !== JSON.stringify(value);
	}

	/**
	 * Throws `secret-in-text`, which names the secret, when a text or name in `value` holds one that does not stand in `before`:
	 * what is recorded already is not kept out by refusing it. `parameter`: whose value it is, which the problem then names,
	 * also in its `data`.
	 */
	refuseIn(
		session: string,
		value: JsonValue,
		{ before = "", parameter }: { before?: JsonValue; parameter?: string } = {},
	): void {
		const texts = textsIn(value);
		const masked = this.mask(session);
		if (texts.every((text) => masked(text) === text)) return;
		const known = textsIn(before);
		for (const { name, value: secret } of this.#values.ever(session)) {
			const mask = createMasking(secretTexts([secret])).text;
			const isIn = (text: string) => mask(text) !== text;
			if (!texts.some(isIn) || known.some(isIn)) continue;
			const isTarget = name.includes(": ");
			const where = parameter === undefined ? "This" : `\`${parameter}\``;
			throw new ProblemError(
				"secret-in-text",
				isTarget
					? `${where} holds a credential of the target (${name}), and it would be recorded as it stands.`
					: `${where} holds the value of \`${name}\`, which is a secret, and it would be recorded as it stands.`,
				{
					next: isTarget
						? "Leave it out: a step on the target is signed in already."
						: `Write "$${name}" in a shell step instead: there it is a variable. Elsewhere leave it out.`,
					...(parameter === undefined ? {} : { data: { parameter } }),
				},
			);
		}
	}

	/** Throws `too-many-secrets` when a further value could not be kept to be masked. */
	refuseMore(session: string, value?: JsonValue): void {
		if (!this.#values.isFull(session, value)) return;
		throw new ProblemError("too-many-secrets", "The secrets of this session have had too many different values.");
	}
}

/** Every text of a value as its record shows it: itself, or the strings, names and numbers in it and the whole as JSON. */
function textsIn(value: JsonValue): string[] {
	return typeof value === "object" && value !== null ? [JSON.stringify(value), ...partsOf(value)] : [String(value)];
}

function partsOf(value: JsonValue): string[] {
	if (typeof value !== "object" || value === null) return [String(value)];
	return (Array.isArray(value) ? value : Object.entries(value).flat()).flatMap(partsOf);
}
