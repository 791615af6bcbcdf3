import type { JsonValue } from "../../core/json.ts";
import { nearMatch } from "../../core/near-match.ts";
import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";

/** The attributes that every step has. */
const commonAttributes = [
	"name",
	"title",
	"type",
	"target",
	"risk",
	"timeout",
	"expect",
	"expected",
	"until",
	"every",
	"capture",
	"when",
	"confirm",
	"excludeFromRunAll",
	"undo",
	"recheck",
	"group",
	"finally",
	"ignore",
] as const;

/** Tells attributes that neither every step nor this type has: errors when they are nearly one of ours, else warnings. */
export function checkAttributeNames(
	attributes: Readonly<Record<string, JsonValue>>,
	own: readonly string[],
	keyPlaceOf: (key: string) => SourcePlace,
): Problem[] {
	const known = [...commonAttributes, ...own];
	return Object.keys(attributes)
		.filter((key) => !known.includes(key))
		.map((key) => {
			const near = foreignAttributes.has(key) ? null : nearMatch(key, known);
			return near === null
				? problem("unknown-attribute", `\`${key}\` is not an attribute of this step.`, {
						severity: "warning",
						at: keyPlaceOf(key),
					})
				: problem("misspelt-attribute", `\`${key}\` is probably meant to be \`${near}\`.`, {
						next: `Write \`${near}\`.`,
						at: keyPlaceOf(key),
					});
		});
}

/** Runme's own, which are near to none by accident only. */
const foreignAttributes = new Set(
	"background category closeTerminalOnSuccess cwd id interactive interpreter mimeType mimetype openTerminalOnSuccess promptEnv tag tags terminalRows transform".split(
		" ",
	),
);
