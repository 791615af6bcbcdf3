import { createHash } from "node:crypto";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";
import type { Parameter, Runbook, StepSpec } from "../../core/runbook.ts";
import type { StepType } from "../../core/step-type.ts";
import { judgeAddresses, textOf } from "./addresses.ts";
import { checkRunbook } from "./check-runbook.ts";
import { type Candidate, findCandidates, renderDocument } from "./document.ts";
import { readFrontMatter } from "./front-matter.ts";
import { type FrontMatterFields, readFields } from "./front-matter-fields.ts";
import { findHiddenCharacters } from "./hidden-characters.ts";
import { createMarkdown, maxMarkdownDepth } from "./markdown.ts";
import { type AttributePlace, checkAttributeNames, isStepName, readCommonAttributes } from "./step-attributes.ts";

/** Bounds of one runbook. */
export interface RunbookLimits {
	/** Of the source. */
	bytes: number;
	steps: number;
}

export interface ParseOptions {
	/** `folder/path.md`. */
	path: string;
	/** The step types, in any order. */
	stepTypes: readonly StepType<any>[];
	limits?: RunbookLimits;
	/** Values that are known besides the runbook's own: of the session that a step is added to. */
	names?: readonly string[];
}

export const defaultRunbookLimits: RunbookLimits = { bytes: 1024 * 1024, steps: 1_000 };

const markdown = createMarkdown();

/**
 * Reads Markdown into a runbook. Never throws for what is in the source: everything wrong is a problem with its place, and what
 * can be read is. With more bytes than the limit, text that is not UTF-8 or refused front matter there are no blocks and no steps.
 */
export function parseRunbook(source: Uint8Array | string, options: ParseOptions): Runbook {
	const limits = options.limits ?? defaultRunbookLimits;
	const bytes = typeof source === "string" ? Buffer.from(source, "utf8") : source;
	const { path } = options;
	const runbook: Runbook = {
		path,
		digest: createHash("sha256").update(bytes).digest("hex"),
		title: inWords(path.replace(/^.*\//, "").replace(/\.(?:md|markdown)$/i, "")),
		summary: "",
		systems: [],
		objectives: {},
		parameters: [],
		blocks: [],
		steps: [],
		problems: [],
	};
	const start: SourcePlace = { file: path, line: 1, column: 1 };
	if (bytes.byteLength > limits.bytes) {
		const detail = `It has ${bytes.byteLength} bytes; the limit is ${limits.bytes}.`;
		return { ...runbook, problems: [problem("runbook-too-large", detail, { at: start })] };
	}
	const text = decode(bytes);
	if (typeof text !== "string") {
		const detail = `Line ${text.line} holds bytes that are not UTF-8.`;
		return { ...runbook, problems: [problem("runbook-not-text", detail, { at: { ...start, line: text.line } })] };
	}
	const front = readFrontMatter(text, path);
	const fields = readFields(front);
	Object.assign(runbook, headOf(fields));
	runbook.problems.push(...fields.problems);
	if (front.body === null) return runbook;

	const lines = front.body.split(/\r\n|\r|\n/);
	const env: { tooLong?: number } = {};
	const tokens = markdown.parse(front.body, env);
	if (env.tooLong !== undefined) {
		const at = { ...start, line: env.tooLong + 1 };
		runbook.problems.push(
			problem("runbook-too-large", "A paragraph has more than 50,000 characters.", { next: "Split it.", at }),
		);
	}
	const deepest = tokens.find((token) => token.level >= maxMarkdownDepth - 1);
	if (deepest) {
		const at = { ...start, line: (deepest.map?.[0] ?? 0) + 1 };
		runbook.problems.push(problem("runbook-too-deep", `Nested more than ${maxMarkdownDepth} levels deep.`, { at }));
		return runbook;
	}
	runbook.problems.push(...judgeAddresses(tokens, path));

	const firstHeading = tokens.findIndex((token) => token.type === "heading_open" && token.tag === "h1");
	const heading = tokens[firstHeading + 1];
	if (fields.title === undefined && firstHeading !== -1 && heading)
		runbook.title = textOf(heading).trim() || runbook.title;
	const paragraph = tokens.findIndex((t) => t.type === "paragraph_open" && t.level === 0 && !t.hidden);
	const summary = tokens[paragraph + 1];
	if (paragraph !== -1 && summary) runbook.summary = textOf(summary).replace(/\s+/g, " ").trim().slice(0, 300);

	const candidates = findCandidates(tokens, lines, path);
	const read = readSteps(candidates, fields, options, limits, front.placeOf);
	runbook.steps = read.steps.map((step) => step.spec);
	runbook.problems.push(...read.problems);
	runbook.parameters = [
		...fields.parameters,
		...foundParameters(read.steps, [...fields.parameters.map((p) => p.name), ...(options.names ?? [])]),
	];
	runbook.blocks = renderDocument(
		markdown,
		tokens,
		new Map(read.steps.map((s) => [s.candidate.start, { name: s.spec.name, end: s.candidate.end }])),
	);
	runbook.problems.push(...checkRunbook(runbook, read.steps, fields, front.placeOf, options.names));
	runbook.problems.sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0));
	return runbook;
}

/** A step with what it was read from. */
export interface ReadStep {
	spec: StepSpec;
	type: StepType<any>;
	candidate: Candidate;
	placeOf: AttributePlace;
}

function headOf(fields: FrontMatterFields): Partial<Runbook> {
	const { title, systems, severity, owner, reviewMs, objectives, parameters } = fields;
	return {
		...(title === undefined ? {} : { title }),
		systems,
		...(severity === undefined ? {} : { severity }),
		...(owner === undefined ? {} : { owner }),
		...(reviewMs === undefined ? {} : { reviewMs }),
		objectives,
		parameters,
	};
}

function decode(bytes: Uint8Array): string | { line: number } {
	const decoder = new TextDecoder("utf-8", { fatal: true });
	try {
		return decoder.decode(bytes);
	} catch {
		let line = 1;
		let from = 0;
		for (;;) {
			const newline = bytes.indexOf(10, from);
			const end = newline === -1 ? bytes.byteLength : newline;
			try {
				decoder.decode(bytes.subarray(from, end));
			} catch {
				return { line };
			}
			if (newline === -1) return { line };
			from = end + 1;
			line++;
		}
	}
}

/** A candidate whose type is known, before its body is read. */
interface Typed {
	candidate: Candidate;
	type: StepType<any>;
	attributes: Record<string, JsonValue>;
	placeOf: AttributePlace;
	keyPlaceOf: (key: string) => SourcePlace;
	explicitName: string | undefined;
}

function readSteps(
	candidates: readonly Candidate[],
	fields: FrontMatterFields,
	options: ParseOptions,
	limits: RunbookLimits,
	frontPlaceOf: (path: readonly (string | number)[], part?: "key") => SourcePlace,
): { steps: ReadStep[]; problems: Problem[] } {
	const problems: Problem[] = [];
	const typed: Typed[] = [];
	const byName = new Map<string, SourcePlace>();
	for (const candidate of candidates) {
		const type = typeOf(candidate, options.stepTypes, problems);
		if (type === null) continue;
		if (typed.length >= limits.steps) {
			problems.push(
				problem("runbook-too-many-steps", `It has more than ${limits.steps} steps.`, { at: candidate.place }),
			);
			break;
		}
		problems.push(...(candidate.info?.problems ?? []));
		const written = candidate.info?.attributes ?? {};
		let explicitName = written.name;
		const nameAt = { ...candidate.place, column: candidate.info?.columnOf("name") ?? candidate.place.column };
		if (explicitName !== undefined && !isStepName(explicitName)) {
			problems.push(
				problem("step-name-invalid", `\`${explicitName.slice(0, 80)}\` can't be the name of a step.`, { at: nameAt }),
			);
			explicitName = undefined;
		}
		if (explicitName !== undefined) {
			const first = byName.get(explicitName);
			if (first) {
				const detail = `The step in line ${first.line} is \`${explicitName}\` too.`;
				problems.push(problem("step-name-duplicate", detail, { at: nameAt }));
				explicitName = undefined;
			} else byName.set(explicitName, nameAt);
		}
		const longer: JsonObject = explicitName === undefined ? {} : (fields.steps[explicitName] ?? {});
		const attributes: Record<string, JsonValue> = { ...longer, ...written };
		const placeOf: AttributePlace = (key, ...inner) =>
			Object.hasOwn(written, key) || !Object.hasOwn(longer, key)
				? { ...candidate.place, column: candidate.info?.columnOf(key) ?? candidate.place.column }
				: frontPlaceOf(["steps", explicitName ?? "", key, ...inner]);
		const keyPlaceOf = (key: string): SourcePlace =>
			Object.hasOwn(written, key)
				? { ...candidate.place, column: candidate.info?.columnOf(key, "key") ?? candidate.place.column }
				: frontPlaceOf(["steps", explicitName ?? "", key], "key");
		typed.push({ candidate, type, attributes, placeOf, keyPlaceOf, explicitName });
	}
	for (const name of Object.keys(fields.steps)) {
		if (byName.has(name)) continue;
		problems.push(
			problem("step-unknown", `There is no step \`${name}\`.`, { at: frontPlaceOf(["steps", name], "key") }),
		);
	}

	const commons = typed.map((step) => readCommonAttributes(step.attributes, step.placeOf));
	const names = [
		...(options.names ?? []),
		...fields.parameters.map((p) => p.name),
		...commons.flatMap((c) => c.common.capture.map((v) => v.name)),
	];
	const taken = new Set(byName.keys());
	const ordinals = new Map<string, number>();
	const steps: ReadStep[] = [];
	typed.forEach((step, index) => {
		const { candidate, type, attributes, placeOf } = step;
		const { common, problems: unusable } = commons[index] as (typeof commons)[number];
		const block = { name: step.explicitName ?? "", body: candidate.body, attributes, place: candidate.place, names };
		const own = type.parse(block);
		if (Array.isArray(own)) {
			const indented = (own as Problem[]).map((p) =>
				p.at && p.at.line > candidate.place.line
					? { ...p, at: { ...p.at, column: p.at.column + candidate.indent } }
					: p,
			);
			problems.push(...indented);
			// What is only a warning (a listing without a command, say) stays in the document as it is.
			return;
		}
		const ordinal = (ordinals.get(candidate.heading) ?? 0) + 1;
		ordinals.set(candidate.heading, ordinal);
		const name = step.explicitName ?? uniqueName(candidate.heading, taken);
		const title =
			typeof attributes.title === "string" && attributes.title.trim() !== ""
				? attributes.title.trim()
				: step.explicitName !== undefined
					? inWords(step.explicitName)
					: titleFromHeading(candidate.heading, ordinal, type);
		const spec: StepSpec = {
			name,
			title,
			type: type.name,
			body: candidate.body,
			attributes,
			...common,
			place: candidate.place,
			own,
		};
		problems.push(...unusable, ...checkAttributeNames(attributes, type.attributeNames, step.keyPlaceOf));
		const bodyLine = candidate.info === null ? candidate.place.line : candidate.place.line + 1;
		problems.push(
			...findHiddenCharacters(candidate.body, { ...candidate.place, line: bodyLine, column: candidate.indent + 1 }),
		);
		for (const line of common.finally) {
			const wrong = type.parse({ ...block, body: line.run });
			if (Array.isArray(wrong)) problems.push(...(wrong as Problem[]).map((p) => ({ ...p, at: placeOf("finally") })));
			problems.push(...findHiddenCharacters(line.run, placeOf("finally")));
		}
		steps.push({ spec, type, candidate, placeOf });
	});
	return { steps, problems };
}

/** The type of a candidate; null for prose. */
function typeOf(candidate: Candidate, stepTypes: readonly StepType<any>[], problems: Problem[]): StepType<any> | null {
	const { info } = candidate;
	if (info === null) return stepTypes.find((type) => type.words.includes("checklist")) ?? null;
	const named = info.attributes.type;
	if (named === "none" || named === "ignore" || info.attributes.ignore === "true" || info.flags.includes("ignore"))
		return null;
	if (named !== undefined && named !== "") {
		const type = stepTypes.find((t) => t.name === named) ?? stepTypes.find((t) => t.words.includes(named));
		if (type) return type;
		const at = { ...candidate.place, column: info.columnOf("type") };
		const next = `Use one of ${stepTypes.map((t) => t.name).join(", ")}, or \`none\` for prose.`;
		problems.push(problem("unknown-type", `There is no step type \`${named.slice(0, 80)}\`.`, { next, at }));
		return null;
	}
	return info.word === "" ? null : (stepTypes.find((type) => type.words.includes(info.word)) ?? null);
}

/** Parameters that bodies ask for by themselves, unless the runbook declares, captures or sets them. */
function foundParameters(steps: readonly ReadStep[], declared: readonly string[]): Parameter[] {
	const known = new Set(declared);
	for (const { spec, type } of steps) {
		for (const { name } of spec.capture) known.add(name);
		for (const name of type.sets?.(spec) ?? []) known.add(name);
	}
	const found = new Map<string, Parameter>();
	for (const { spec, type } of steps) {
		for (const parameter of type.parameters?.(spec) ?? []) {
			if (known.has(parameter.name)) continue;
			const before = found.get(parameter.name);
			if (!before || before.origin === "variable") found.set(parameter.name, parameter);
		}
	}
	return [...found.values()];
}

/** `who-is-master` -> `Who is master`. */
function inWords(name: string): string {
	const words = name.replace(/[-_]+/g, " ").trim();
	return words.charAt(0).toUpperCase() + words.slice(1);
}

function titleFromHeading(heading: string, ordinal: number, type: StepType<any>): string {
	const base = heading === "" ? inWords(type.name) : heading;
	return ordinal === 1 ? base.slice(0, 120) : `${base.slice(0, 120)}, ${ordinal}`;
}

function uniqueName(heading: string, taken: Set<string>): string {
	const base =
		heading
			.normalize("NFKD")
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, "-")
			.replace(/^-+|-+$/g, "")
			.slice(0, 56)
			.replace(/-+$/, "") || "step";
	let name = base;
	for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
	taken.add(name);
	return name;
}
