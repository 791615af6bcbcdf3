import { z } from "zod";
import { type Problem, problem } from "../../core/problem.ts";
import type { Parameter, StepBlock } from "../../core/runbook.ts";
import type { ShellInput, ShellObstacle } from "../../core/shell-rewrite.ts";
import { rewriteShell } from "../../core/shell-text.ts";
import { defineStepType } from "../../core/step-type.ts";
import { isValueName } from "../../core/variable-name.ts";
import { mixedPrompts } from "./mixed-prompts.ts";
import { stripPrompts } from "./prompts.ts";

/** A shell step's own part. */
export interface ShellStep {
	/** The program that reads the script: a name (found on PATH) or an absolute path, e.g. `bash`, `python3`. */
	interpreter: string;
	/** The directory to start in; null is the session's own. May hold `{{value}}`. */
	cwd: string | null;
	/** Whether it reads the keyboard. */
	interactive: boolean;
	/** Bash only: stop at the first failing command. */
	errexit: boolean;
	/** Bash only: a pipe fails when any of its commands fails. */
	pipefail: boolean;
	/** The text that will run: prompts dropped, placeholders turned into variables. Beside the block's `body`. */
	script: string;
	/** The values that it gets as environment variables. */
	inputs: ShellInput[];
	/** The variables that it sets itself. */
	sets: string[];
}

const flag = z
	.enum(["true", "false"])
	.or(z.boolean())
	.transform((value) => value === true || value === "true");

const attributes = z.object({
	interpreter: z
		.string()
		.regex(/^(?:\/[\w./+-]+|[\w.+-]+)$/, "must be a program's name or absolute path, without arguments")
		.default("bash"),
	cwd: z.string().min(1).optional(),
	interactive: flag.default(false),
	errexit: flag.default(true),
	pipefail: flag.default(true),
	/** `literal` leaves `<words>` as they are. */
	placeholders: z.enum(["rewrite", "literal"]).default("rewrite"),
});

const reasons: Record<Exclude<ShellObstacle["reason"], "too-deep">, string> = {
	"single-quotes": "stands in single quotes, where no variable expands",
	"quoted-here-document": "stands in a here-document with a quoted delimiter, where no variable expands",
	"nested-shell": "stands where another shell or an arithmetic expression would read its value as code",
	"nested-quotes": "stands in backquotes inside double quotes; use $(...)",
	"reserved-name": "would become a variable that changes how programs run",
};

const shellInterpreters = /(?:^|\/)(?:ba|da|z|k|a)?sh$/;

/** Runs a block in a fresh shell. */
export const shellType = defineStepType<ShellStep>({
	name: "shell",
	words: [
		"sh",
		"bash",
		"shell",
		"zsh",
		"shellscript",
		"console",
		"shell-session",
		"shellsession",
		"sh-session",
		"bash-session",
		"terminal",
	],
	attributes,
	attributeNames: Object.keys(attributes.shape),

	parse(block) {
		const read = attributes.safeParse(block.attributes);
		if (!read.success) {
			return read.error.issues.map((issue) =>
				problem("step-invalid", `\`${issue.path.join(".")}\`: ${issue.message}.`, { at: block.place }),
			);
		}
		const { interpreter, cwd, interactive, errexit, pipefail, placeholders } = read.data;
		const listing = stripPrompts(block.body);
		if (listing.script.trim() === "") {
			return [problem("step-empty", "There is no command in this block.", { severity: "warning", at: block.place })];
		}
		const own = { interpreter, cwd: cwd ?? null, interactive, errexit, pipefail };
		if (!shellInterpreters.test(interpreter)) {
			return { ...own, script: listing.script, inputs: inputsByName(listing.script, block.names ?? []), sets: [] };
		}
		const text = rewriteShell(listing.script, block.names);
		if (placeholders === "literal") return literal(own, listing.script, text.inputs, text.sets, block);
		if (text.obstacles.length > 0) {
			return text.obstacles.map((obstacle) => unusable(obstacle, listing.script, listing.places, block));
		}
		return { ...own, script: text.script, inputs: text.inputs, sets: text.sets };
	},

	part({ own }, lines) {
		// What is shown is what will run, so it is of that text that lines are chosen: a listing's output is none of it.
		if (lines.trim() === "" || !`\n${own.script}\n`.includes(`\n${lines}\n`)) return null;
		const words = new Set(lines.match(/\w+/g));
		const given = own.inputs.filter(({ variable }) => words.has(variable));
		// A variable that an earlier line sets has to have a value of its own where that line is left out.
		const left = shellInterpreters.test(own.interpreter)
			? rewriteShell(lines).inputs.filter(
					({ origin, variable }) => origin !== "placeholder" && !given.some((input) => input.variable === variable),
				)
			: [];
		return { ...own, script: lines, inputs: [...given, ...left] };
	},

	doubt(body, before) {
		return mixedPrompts(body, before);
	},

	parameters(spec) {
		const finals = spec.finally.flatMap(({ run }) => rewriteShell(run).inputs.filter(({ required }) => required));
		return [...spec.own.inputs, ...finals]
			.filter((input) => input.origin !== "template" && input.value === input.variable)
			.map(parameterOf);
	},

	sets(spec) {
		return spec.own.sets;
	},

	risk() {
		return "unknown";
	},
});

/** Nothing rewritten but `{{name}}`: the author says that `<words>` are meant as they stand. */
function literal(
	own: Omit<ShellStep, "script" | "inputs" | "sets">,
	script: string,
	inputs: ShellInput[],
	sets: string[],
	block: StepBlock,
): ShellStep | Problem[] {
	const escaped = script.replace(/<(?=[A-Za-z])/g, "\u0001");
	const text = rewriteShell(escaped, block.names);
	if (text.obstacles.length > 0) {
		const places = stripPrompts(block.body).places;
		return text.obstacles.map((obstacle) => unusable(obstacle, script, places, block));
	}
	const kept = new Set(text.inputs.map((input) => input.variable));
	return {
		...own,
		script: text.script.replaceAll("\u0001", "<"),
		inputs: inputs.filter((input) => kept.has(input.variable)),
		sets,
	};
}

function unusable(
	obstacle: ShellObstacle,
	script: string,
	places: readonly { line: number; column: number }[],
	block: StepBlock,
): Problem {
	const before = script.slice(0, obstacle.offset).split("\n");
	const place = places[before.length - 1] ?? { line: before.length, column: 1 };
	const at = {
		file: block.place.file,
		line: block.place.line + place.line,
		column: place.column + (before.at(-1)?.length ?? 0),
	};
	if (obstacle.reason === "too-deep") {
		return problem("runbook-too-deep", "Substitutions stand in one another more than 100 levels deep.", { at });
	}
	return problem("placeholder-unusable", `\`${obstacle.text}\` ${reasons[obstacle.reason]}.`, {
		next: 'Move it to where a variable expands, or mark the block {"placeholders":"literal"} if it is meant as it stands.',
		at,
	});
}

/** Other languages read their values from the environment: every declared name that occurs in the text is handed over. */
function inputsByName(script: string, names: readonly string[]): ShellInput[] {
	const words = new Set(script.match(/\w+/g));
	return names
		.filter((name) => isValueName(name) && words.has(name))
		.map((name) => ({
			variable: name,
			value: name,
			origin: "template",
			required: true,
			secret: false,
			leading: false,
		}));
}

function parameterOf(input: ShellInput): Parameter {
	return {
		name: input.value,
		type: input.secret ? "secret" : "string",
		required: true,
		origin: input.origin === "placeholder" ? "placeholder" : "variable",
	};
}
