import { createHash } from "node:crypto";
import type { Token } from "markdown-it";
import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";
import type { Parameter, Runbook } from "../../core/runbook.ts";
import type { StepType } from "../../core/step-type.ts";
import { foldName } from "../../core/variable-name.ts";
import { judgeAddresses, textOf } from "./addresses.ts";
import { checkRunbook } from "./check-runbook.ts";
import { findCandidates, renderDocument } from "./document.ts";
import { excerptOf } from "./excerpt.ts";
import { readFrontMatter } from "./front-matter.ts";
import { type FrontMatterFields, readFields } from "./front-matter-fields.ts";
import { findHiddenInText } from "./hidden-characters.ts";
import { createMarkdown, maxMarkdownDepth, TooManyBlocks } from "./markdown.ts";
import { type ReadStep, readSteps } from "./read-steps.ts";
import { inWords } from "./step-names.ts";

/** Bounds of one runbook. */
export interface RunbookLimits {
	/** Of the source. */
	bytes: number;
	steps: number;
}

export interface ParseOptions {
	/** `folder/path.md`. */
	path: string;
	/** The same below its folder, for its links and pictures, where `path` is how a person spelled it. */
	inside?: string;
	/** Whether there is a cluster of this name; where nobody can tell, no target is unknown. */
	isTarget?(cluster: string): boolean;
	/** The step types, in any order. */
	stepTypes: readonly StepType<any>[];
	limits?: RunbookLimits;
	/** Values that are known besides the runbook's own: of the session that a step is added to. */
	names?: readonly string[];
}

export const defaultRunbookLimits: RunbookLimits = { bytes: 1024 * 1024, steps: 1_000 };

/** Nobody reads more; a page and a command line shall not choke on them. */
const maxProblems = 500;

/** Values that bodies ask for by themselves: a person fills in each. */
const maxFoundParameters = 200;

const markdown = createMarkdown();

/**
 * Reads Markdown into a runbook. Never throws: everything wrong is a problem with its place, and what can be read is. What
 * the parser itself stumbles over is the problem `internal`: a file must not be gone from the library without a word.
 * With more bytes than the limit, text that is not UTF-8 or refused front matter there are no blocks and no steps.
 */
export function parseRunbook(source: Uint8Array | string, options: ParseOptions): Runbook {
	const limits = options.limits ?? defaultRunbookLimits;
	const bytes = typeof source === "string" ? Buffer.from(source, "utf8") : source;
	const { path } = options;
	const empty: Runbook = {
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
		return { ...empty, problems: [problem("runbook-too-large", detail, { at: start })] };
	}
	const text = decode(bytes);
	if (typeof text !== "string") {
		const detail = `Line ${text.line} holds bytes that are not UTF-8.`;
		return { ...empty, problems: [problem("runbook-not-text", detail, { at: { ...start, line: text.line } })] };
	}
	// What is shown and what is run would differ: Markdown has another character in its place.
	const nul = text.indexOf("\0");
	if (nul !== -1) {
		const before = text.slice(0, nul).split("\n");
		const at = { ...start, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
		const detail = `Line ${at.line} holds a NUL character, so this is no text, or text in another encoding.`;
		return { ...empty, problems: [problem("runbook-not-text", detail, { at })] };
	}
	try {
		return readText(text, empty, options, limits);
	} catch (error) {
		if (error instanceof TooManyBlocks) {
			const at = { ...start, line: error.line + 1 };
			return { ...empty, problems: [problem("runbook-too-large", error.message, { at })] };
		}
		const detail = `Reading it failed: ${error instanceof Error ? error.message : String(error)}.`;
		return { ...empty, problems: [problem("internal", detail, { at: start })] };
	}
}

function readText(text: string, empty: Runbook, options: ParseOptions, limits: RunbookLimits): Runbook {
	const { path } = options;
	const start: SourcePlace = { file: path, line: 1, column: 1 };
	const runbook: Runbook = { ...empty, problems: [] };
	const front = readFrontMatter(text, path);
	const fields = readFields(front);
	Object.assign(runbook, headOf(fields));
	runbook.problems.push(...fields.problems);
	if (front.body === null) {
		const named = titleIn(markdown.parse(belowFrontMatter(text), {}), true);
		if (named !== null && !findHiddenInText(named.title, start)) runbook.title = named.title;
		return runbook;
	}

	const lines = front.body.split(/\r\n|\r|\n/);
	const env: { tooLong?: number } = {};
	const tokens = markdown.parse(front.body, env);
	if (env.tooLong !== undefined) {
		const at = { ...start, line: env.tooLong + 1 };
		runbook.problems.push(
			problem(
				"runbook-too-large",
				"A paragraph has more than 50,000 characters, or several long ones more than 100,000.",
				{ next: "Split it.", at },
			),
		);
	}
	const deepest = tokens.find((token) => token.level >= maxMarkdownDepth - 1);
	if (deepest) {
		const at = { ...start, line: (deepest.map?.[0] ?? 0) + 1 };
		runbook.problems.push(problem("runbook-too-deep", `Nested more than ${maxMarkdownDepth} levels deep.`, { at }));
		return runbook;
	}
	runbook.problems = runbook.problems.concat(
		judgeAddresses(tokens, { path: options.inside ?? path, file: path, lines }),
	);

	const named = fields.title === undefined ? titleIn(tokens, front.problems.length > 0) : null;
	if (named !== null) {
		const hidden = findHiddenInText(named.title, { ...start, line: named.line });
		if (hidden) runbook.problems.push(hidden);
		else runbook.title = named.title;
	}
	runbook.summary = excerptOf(tokens);

	const candidates = findCandidates(tokens, lines, path);
	const read = readSteps(candidates, {
		fields,
		stepTypes: options.stepTypes,
		maxSteps: limits.steps,
		names: options.names ?? [],
		frontPlaceOf: front.placeOf,
	});
	runbook.steps = read.steps.map((step) => step.spec);
	const found = foundParameters(read.steps, [...fields.parameters.map((p) => p.name), ...(options.names ?? [])]);
	runbook.parameters = [...fields.parameters, ...found.parameters];
	runbook.problems = runbook.problems.concat(read.problems, found.problems);
	runbook.blocks = renderDocument(
		markdown,
		tokens,
		new Map(read.steps.map((s) => [s.candidate.start, { name: s.spec.name, end: s.candidate.end }])),
	);
	const overall = checkRunbook(runbook, read.steps, fields, front.placeOf, options);
	runbook.problems = gravest(runbook.problems.concat(overall), path);
	return runbook;
}

/**
 * The title that the text gives itself, and its line: the first heading of the first rank. Where front matter was to say it
 * and is broken, any heading tells more than the file's name. Null when there is none.
 */
function titleIn(tokens: readonly Token[], anyRank: boolean): { title: string; line: number } | null {
	for (const [i, token] of tokens.entries()) {
		if (token.type !== "heading_open" || !(token.tag === "h1" || (anyRank && token.markup.startsWith("#")))) continue;
		const inline = tokens[i + 1];
		const title = inline ? textOf(inline).trim() : "";
		return title === "" ? null : { title, line: (inline?.map?.[0] ?? 0) + 1 };
	}
	return null;
}

/** The text after front matter that nothing may read; all of it when that does not end. */
function belowFrontMatter(text: string): string {
	const close = /^(?:---|\.\.\.)[ \t]*\r?$/gm;
	close.lastIndex = text.indexOf("\n") + 1;
	return close.exec(text) === null ? text : text.slice(close.lastIndex);
}

/** In the order of the source. Of very many only so many, errors before the rest: what stops is never left out for what does not. */
function gravest(problems: readonly Problem[], path: string): Problem[] {
	let told = [...problems];
	if (told.length > maxProblems) {
		const errors = told.filter((p) => p.severity === "error");
		const others = told.filter((p) => p.severity !== "error");
		const detail = `It has ${told.length} problems; ${maxProblems} of them are told.`;
		const at = { file: path, line: 1, column: 1 };
		told = [...errors, ...others].slice(0, maxProblems);
		told.push(problem("runbook-invalid", detail, { severity: "info", at }));
	}
	return told.sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0));
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

/** Parameters that bodies ask for by themselves, unless the runbook declares, captures or sets them. */
function foundParameters(
	steps: readonly ReadStep[],
	declared: readonly string[],
): { parameters: Parameter[]; problems: Problem[] } {
	const known = new Set<string>();
	const spelled = new Set(declared.map(foldName));
	for (const { spec, type } of steps) {
		for (const { name } of spec.capture) spelled.add(foldName(name));
		for (const name of type.sets?.(spec) ?? []) known.add(name);
	}
	const found = new Map<string, Parameter>();
	const problems: Problem[] = [];
	for (const { spec, type, candidate } of steps) {
		for (const parameter of type.parameters?.(spec) ?? []) {
			if (known.has(parameter.name) || spelled.has(foldName(parameter.name))) continue;
			const before = found.get(parameter.name);
			if (before === undefined && found.size >= maxFoundParameters) {
				const detail = `The blocks ask for more than ${maxFoundParameters} values.`;
				problems.push(problem("runbook-too-many-values", detail, { at: candidate.place }));
				return { parameters: [...found.values()], problems };
			}
			if (!before || before.origin === "variable") found.set(parameter.name, parameter);
		}
	}
	return { parameters: [...found.values()], problems };
}
