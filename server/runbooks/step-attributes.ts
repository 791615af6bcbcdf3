import { parseDuration } from "../../core/duration.ts";
import { checkExpression } from "../../core/expression.ts";
import type { JsonValue } from "../../core/json.ts";
import type { Expectation } from "../../core/plan.ts";
import { isProblem, type Problem, problem, type SourcePlace } from "../../core/problem.ts";
import type { ProblemCode } from "../../core/problem-catalogue.ts";
import type { FinallyLine, StepSpec } from "../../core/runbook.ts";
import { parseTargetReference } from "../../core/target.ts";
import { isReservedVariable, isValueName } from "../../core/variable-name.ts";
import { isStepName } from "./step-names.ts";

/** What a step's common attributes say, read. */
type CommonAttributes = Omit<StepSpec, "name" | "title" | "type" | "body" | "attributes" | "place" | "own">;

/** Where an attribute stands: `inner` goes into lists and maps of the front matter. */
export type AttributePlace = (key: string, ...inner: (string | number)[]) => SourcePlace;

/** Unless the step says otherwise: an `until` asks once a second, for a minute. */
const defaultEveryMs = 1_000;
const defaultUntilMs = 60_000;
/** A step with `until` ends by that; its own limit is only the net below. */
const graceMs = 30_000;

/** Of `otherwise`, with the expressions in it. */
const maxSentence = 2_000;

/** Of each list: what must hold, what is captured, what is checked again, what runs at the end. */
const maxItems = 100;

/** Reads the attributes that every step has. Never throws; what can't be used is left out and told. */
export function readCommonAttributes(
	attributes: Readonly<Record<string, JsonValue>>,
	placeOf: AttributePlace,
): { common: CommonAttributes; problems: Problem[] } {
	const problems: Problem[] = [];
	const wrong = (code: ProblemCode, detail: string, key: string, ...inner: (string | number)[]) => {
		problems.push(problem(code, detail, { at: placeOf(key, ...inner) }));
	};
	const has = (key: string) => Object.hasOwn(attributes, key) && attributes[key] !== null;

	function text(key: string): string | undefined {
		if (!has(key)) return undefined;
		const value = attributes[key];
		if (typeof value === "string" && value.trim() !== "") return value;
		if (typeof value === "number" || typeof value === "boolean") return String(value);
		wrong("step-invalid", `\`${key}\` must be text.`, key);
		return undefined;
	}

	function duration(key: string): number | undefined {
		const written = text(key);
		if (written === undefined) return undefined;
		const ms = parseDuration(written);
		if (ms !== null && ms > 0) return ms;
		wrong("step-invalid", `\`${key}\`: \`${written}\` is not a duration such as 500ms, 8s, 2m or 90d.`, key);
		return undefined;
	}

	function expression(value: JsonValue | undefined, key: string, ...inner: (string | number)[]): string | undefined {
		if (typeof value !== "string") {
			wrong("step-invalid", `\`${key}\` must be an expression.`, key, ...inner);
			return undefined;
		}
		const unreadable = checkExpression(value);
		if (unreadable === null) return value;
		const at = placeOf(key, ...inner);
		const offset = (unreadable.data as { offset?: number } | undefined)?.offset ?? 0;
		const before = value.slice(0, offset).split("\n");
		problems.push({
			...unreadable,
			at: before.length === 1 ? { ...at, column: at.column + offset } : { ...at, line: at.line + before.length - 1 },
		});
		return undefined;
	}

	/** The list within its limit; tells when it is longer. */
	function limited<T>(list: T[], key: string): T[] {
		if (list.length > maxItems) wrong("step-invalid", `\`${key}\` has more than ${maxItems} entries.`, key);
		return list.slice(0, maxItems);
	}

	/** A string, or {that, otherwise}, or a list of either. */
	function expectations(key: string): Expectation[] {
		if (!has(key)) return [];
		const value = attributes[key];
		const list = Array.isArray(value) ? value : [value];
		return limited(list, key).flatMap((item, index): Expectation[] => {
			const inner = Array.isArray(value) ? [index] : [];
			if (typeof item !== "object" || item === null || Array.isArray(item)) {
				const that = expression(item, key, ...inner);
				return that === undefined ? [] : [{ that }];
			}
			for (const field of Object.keys(item)) {
				if (field !== "that" && field !== "otherwise")
					wrong("step-invalid", `\`${key}\` has no \`${field}\`.`, key, ...inner, field);
			}
			const that = expression(item.that, key, ...inner, "that");
			const otherwise = item.otherwise;
			if (that === undefined) return [];
			if (otherwise === undefined || otherwise === null) return [{ that }];
			if (typeof otherwise !== "string") {
				wrong("step-invalid", "`otherwise` must be text.", key, ...inner, "otherwise");
				return [{ that }];
			}
			if (otherwise.length > maxSentence) {
				wrong("step-invalid", `\`otherwise\` is longer than ${maxSentence} characters.`, key, ...inner, "otherwise");
				return [{ that }];
			}
			for (const [, filled] of otherwise.matchAll(/\{\{(.+?)\}\}/g)) {
				const unreadable = checkExpression(filled ?? "");
				if (unreadable) problems.push({ ...unreadable, at: placeOf(key, ...inner, "otherwise") });
			}
			return [{ that, otherwise }];
		});
	}

	function captures(): { name: string; expression: string }[] {
		if (!has("capture")) return [];
		const value = attributes.capture;
		const pairs: { name: string; expression: JsonValue; inner: (string | number)[]; skip: number }[] = [];
		if (typeof value === "string") {
			for (const part of limited(splitOutsideQuotes(value), "capture")) {
				const equals = /^\s*([^=]*?)\s*=(?!=)\s*/.exec(part.text);
				if (!equals) wrong("step-invalid", `\`capture\`: \`${part.text.trim()}\` is not name=expression.`, "capture");
				else {
					pairs.push({
						name: equals[1] ?? "",
						expression: part.text.slice(equals[0].length).trim(),
						inner: [],
						skip: part.start + equals[0].length,
					});
				}
			}
		} else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
			for (const [name, inner] of limited(Object.entries(value), "capture"))
				pairs.push({ name, expression: inner, inner: [name], skip: 0 });
		} else wrong("step-invalid", "`capture` must be name=expression, or a map of them.", "capture");
		return pairs.flatMap(({ name, expression: written, inner, skip }) => {
			if (!isValueName(name)) {
				wrong("step-invalid", `\`capture\`: \`${name}\` can't be the name of a value.`, "capture", ...inner);
				return [];
			}
			if (isReservedVariable(name)) {
				wrong("parameter-reserved", `\`capture\`: \`${name}\` changes how programs run.`, "capture", ...inner);
				return [];
			}
			const known = problems.length;
			const read = expression(written, "capture", ...inner);
			for (const added of problems.slice(known))
				if (added.at) added.at = { ...added.at, column: added.at.column + skip };
			return read === undefined ? [] : [{ name, expression: read }];
		});
	}

	function names(key: string): string[] {
		if (!has(key)) return [];
		const value = attributes[key];
		const list = typeof value === "string" ? value.split(",") : value;
		if (!Array.isArray(list) || !list.every((item) => typeof item === "string")) {
			wrong("step-invalid", `\`${key}\` must be names, separated by commas.`, key);
			return [];
		}
		return limited(list as string[], key)
			.map((name) => name.trim())
			.filter((name) => name !== "");
	}

	function finallyLines(): FinallyLine[] {
		if (!has("finally")) return [];
		const value = attributes.finally;
		const list: JsonValue[] =
			typeof value === "string" ? value.split("\n") : Array.isArray(value) ? value : [value ?? null];
		return limited(list, "finally").flatMap((item, index): FinallyLine[] => {
			if (typeof item === "string") return item.trim() === "" ? [] : [{ run: item.trim() }];
			const inner = Array.isArray(value) ? [index] : [];
			if (typeof item !== "object" || item === null || Array.isArray(item) || typeof item.run !== "string") {
				wrong("step-invalid", "`finally` must be lines, or a list of {when, run}.", "finally", ...inner);
				return [];
			}
			for (const field of Object.keys(item)) {
				if (field !== "when" && field !== "run")
					wrong("step-invalid", `\`finally\` has no \`${field}\`.`, "finally", ...inner, field);
			}
			if (item.when === undefined || item.when === null) return [{ run: item.run.trim() }];
			const when = expression(item.when, "finally", ...inner, "when");
			return when === undefined ? [] : [{ when, run: item.run.trim() }];
		});
	}

	const common: CommonAttributes = {
		expect: expectations("expect"),
		capture: captures(),
		excludeFromRunAll: false,
		recheck: names("recheck"),
		finally: finallyLines(),
	};

	const target = text("target");
	if (target !== undefined) {
		// `{{cluster}}.master`: any name stands in for the parameter.
		const filled = target.replace(/\{\{[^{}]*\}\}/g, "x");
		const reference = parseTargetReference(filled);
		if (isProblem(reference)) wrong("target-reference-invalid", `\`${target}\` is not a target reference.`, "target");
		else common.target = target.trim();
	}

	const risk = text("risk");
	if (risk === "read" || risk === "change" || risk === "destructive") common.risk = risk;
	else if (risk !== undefined)
		wrong("step-invalid", `\`risk\` is read, change or destructive, not \`${risk}\`.`, "risk");

	const timeoutMs = duration("timeout");
	const everyMs = duration("every");
	if (has("until")) {
		const [until, ...more] = expectations("until");
		if (more.length > 0) wrong("step-invalid", "`until` is one expression.", "until");
		const limitMs = timeoutMs ?? defaultUntilMs;
		if (until !== undefined) {
			const { that, otherwise } = until;
			common.until = {
				expression: that,
				everyMs: everyMs ?? defaultEveryMs,
				timeoutMs: limitMs,
				...(otherwise === undefined ? {} : { otherwise }),
			};
		}
		common.timeoutMs = limitMs + graceMs;
	} else {
		if (everyMs !== undefined) wrong("step-invalid", "`every` needs an `until`.", "every");
		if (timeoutMs !== undefined) common.timeoutMs = timeoutMs;
	}

	const whens = expectations("when");
	if (whens.length > 1) wrong("step-invalid", "`when` is one expression.", "when");
	if (whens[0]) {
		common.when = whens[0].that;
		if (whens[0].otherwise !== undefined) common.whenOtherwise = whens[0].otherwise;
	}

	const confirm = text("confirm");
	if (confirm === "always" || confirm === "true") common.confirm = "always";
	else if (confirm !== undefined) wrong("step-invalid", `\`confirm\` is \`always\`, not \`${confirm}\`.`, "confirm");

	const exclude = text("excludeFromRunAll");
	if (exclude === "true") common.excludeFromRunAll = true;
	else if (exclude !== undefined && exclude !== "false") {
		wrong("step-invalid", `\`excludeFromRunAll\` is true or false, not \`${exclude}\`.`, "excludeFromRunAll");
	}

	const group = text("group");
	if (group !== undefined && isStepName(group)) common.group = group;
	else if (group !== undefined) wrong("step-name-invalid", `\`${group}\` can't be the name of a group.`, "group");

	const undo = text("undo");
	if (undo !== undefined) common.undo = undo;
	const expected = text("expected");
	if (expected !== undefined) common.expected = expected;

	return { common, problems };
}

/** Splits at `;` outside of quotes and brackets. */
function splitOutsideQuotes(text: string): { text: string; start: number }[] {
	const parts: { text: string; start: number }[] = [];
	let quote = "";
	let start = 0;
	for (let i = 0; i <= text.length; i++) {
		const char = text[i];
		if (char === undefined || (char === ";" && quote === "")) {
			if (text.slice(start, i).trim() !== "") parts.push({ text: text.slice(start, i), start });
			start = i + 1;
		} else if (quote !== "") {
			if (char === "\\") i++;
			else if (char === quote) quote = "";
		} else if (char === '"' || char === "'") quote = char;
	}
	return parts;
}
