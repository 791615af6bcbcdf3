import { homedir } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { FinallyCommand, Placeholder, PlanCommand, Risk, StepPlan } from "../../core/plan.ts";
import { isProblem, type Problem, problem } from "../../core/problem.ts";
import type { StepSpec } from "../../core/runbook.ts";
import type { ShellInput } from "../../core/shell-rewrite.ts";
import { rewriteShell } from "../../core/shell-text.ts";
import type { PlanNode } from "../../core/target.ts";
import { foldName } from "../../core/variable-name.ts";
import { localKind } from "../../targets/local/local-kind.ts";
import { planOfSpec } from "../plan-of-spec.ts";
import type { PlanContext } from "../step-executor.ts";
import type { StepHost } from "../step-host.ts";
import { directoryGone, isDirectory } from "./directory-gone.ts";
import { refuseInput, valueText } from "./shell-input.ts";
import type { ShellStep } from "./type.ts";

const handedInputs = z.array(
	z.object({
		variable: z.string(),
		/** The value's name in the session; or its text, for a fact of a target. */
		value: z.string().optional(),
		text: z.string().optional(),
		leading: z.boolean(),
	}),
);

/** What `execute` needs beside the plan's own fields; part of the digest. */
export const shellDetailSchema = z.object({
	interactive: z.boolean(),
	errexit: z.boolean(),
	pipefail: z.boolean(),
	inputs: handedInputs,
	/** The inputs of each line of the plan's `finally`, in its order. */
	finally: z.array(handedInputs),
});
export type ShellDetail = z.infer<typeof shellDetailSchema>;

/** Interpreters whose here-documents and quotes end where those of bash do. */
const readLikeBash = /(?:^|\/)(?:ba|da)?sh$/;

/**
 * Plans a shell step: the text that will run, where, with which variables.
 *
 * A line of `finally` is planned as the body is: its values are among the plan's variables, and what is refused there is
 * refused here. They are those of the moment at which the step begins. Only a name that nothing else has then and that the
 * step itself captures stays open, as a placeholder `from` this step; without that capture the line is not sent. What the
 * body exports is not seen by its `finally`: it is there only when the body has succeeded.
 */
export async function planShell(
	spec: StepSpec<ShellStep>,
	context: PlanContext,
	host: Pick<StepHost, "directory" | "environment">,
	unclosed: (text: string) => Promise<Problem | null>,
): Promise<StepPlan | Problem[]> {
	const node = nodeOf(spec, context);
	if (isProblem(node)) return [at(node, spec)];
	const { own } = spec;
	// An author's word counts here: only a person can tell what a script does.
	const risk: Risk = spec.risk ?? "unknown";
	const problems: Problem[] = [];
	if (own.script.includes("\0")) problems.push(problem("step-invalid", "The script holds a NUL byte."));
	if (spec.until && risk !== "read") {
		problems.push(
			problem("step-invalid", "`until` would repeat a script that is not marked as reading.", {
				next: 'Mark the block {"risk":"read"} if it changes nothing, or move the check to a step of its own.',
			}),
		);
	}
	const cwd = directoryOf(spec.name, own.cwd, context, host);
	if (isProblem(cwd)) problems.push(cwd);

	const inputs = readInputs(own.inputs, context);
	problems.push(...inputs.problems);
	const finals = spec.finally.map(({ when, run }) => finalOf(when, run, node, spec, context, risk));
	problems.push(...finals.flatMap((final) => final.problems));
	const texts = [
		...(readLikeBash.test(own.interpreter) ? [own.script] : []),
		...finals.flatMap(({ problems, line }) => (problems.length > 0 ? [] : [line.command.text])),
	];
	problems.push(...(await Promise.all(texts.map(unclosed))).filter((wrong) => wrong !== null));
	if (problems.length > 0 || isProblem(cwd)) return problems.map((p) => at(p, spec));

	const command: PlanCommand = {
		node,
		reference: spec.target ?? "local",
		text: own.script,
		risk,
		...(inputs.placeholders.length === 0 ? {} : { placeholders: inputs.placeholders }),
	};
	const detail: ShellDetail = {
		interactive: own.interactive,
		errexit: own.errexit,
		pipefail: own.pipefail,
		inputs: inputs.handed,
		finally: finals.map((final) => final.handed),
	};
	const frame = planOfSpec(spec, context, risk);
	return {
		...frame,
		risk: spec.risk ?? frame.risk,
		commands: [command],
		finally: finals.map((final) => final.line),
		cwd,
		interpreter: own.interpreter,
		variables: distinct([inputs, ...finals].flatMap(({ variables }) => variables)),
		secrets: [...new Set([inputs, ...finals].flatMap(({ secrets }) => secrets))],
		// A person at the keyboard is not hurried by a default.
		timeoutMs: own.interactive && spec.timeoutMs === undefined && !spec.until ? 0 : frame.timeoutMs,
		detail: detail as unknown as JsonObject,
	};
}

/** Each once, by name. */
function distinct(variables: StepPlan["variables"]): StepPlan["variables"] {
	const seen = new Map(variables.map((variable) => [`${variable.name} ${variable.hmac}`, variable]));
	return [...seen.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nodeOf(spec: StepSpec<ShellStep>, context: PlanContext): PlanNode | Problem {
	const node = context.resolve(spec.target ?? "local");
	if (isProblem(node) || node.kind === localKind.kind) return node;
	return problem(
		"target-kind-mismatch",
		`\`${spec.target}\` is a ${node.kind} target; a shell step runs on a machine.`,
		{
			next: "Leave out the step's `target` to run it on the server's own machine.",
		},
	);
}

function directoryOf(
	step: string,
	written: string | null,
	context: PlanContext,
	host: Pick<StepHost, "directory" | "environment">,
): string | Problem {
	const start = startOf(step, context.carried, host.directory);
	if (written === null) return start;
	const filled = context.substitute(written);
	if (isProblem(filled)) return filled;
	if (filled.pending.length > 0) {
		return problem("value-missing", `\`cwd\` needs \`${filled.pending.join("`, `")}\` before the group runs.`);
	}
	const home = host.environment.HOME ?? homedir();
	const path = filled.text.replace(/^~(?=\/|$)/, home);
	if (isAbsolute(path)) return resolve(path);
	return isProblem(start) ? start : resolve(start, path);
}

/**
 * Where a step begins that names no directory: where the one before it ended. When that is gone, no other directory takes
 * its place: `rm -rf ./*` would empty the wrong one. Only the step that led there begins where it began, to make it again.
 */
function startOf(step: string, { cwd, ledBy }: PlanContext["carried"], otherwise: string): string | Problem {
	if (cwd === null || isDirectory(cwd)) return cwd ?? otherwise;
	return ledBy?.step === step && isDirectory(ledBy.from) ? ledBy.from : directoryGone(cwd, ledBy);
}

interface ReadInputs {
	handed: ShellDetail["inputs"];
	variables: { name: string; hmac: string }[];
	secrets: string[];
	placeholders: Placeholder[];
	problems: Problem[];
}

/** Finds each value that the script asks for, and what earlier steps have exported. */
function readInputs(inputs: readonly ShellInput[], context: PlanContext): ReadInputs {
	const read: ReadInputs = { handed: [], variables: [], secrets: [], placeholders: [], problems: [] };
	// What a step of this group is yet to capture is newer than what was exported under its name, however spelled.
	const awaited = new Set([...context.pending.keys()].map(foldName));
	const carried = new Map([...context.carried.variables].filter(([name]) => !awaited.has(foldName(name))));
	for (const [name, value] of carried) read.variables.push({ name, hmac: context.hmac(value) });
	for (const input of inputs) {
		const { variable, value, leading } = input;
		// What an earlier step exported under this name is what the script would see in one shell.
		if (carried.has(variable)) continue;
		const pending = context.pending.get(value);
		if (pending) {
			read.placeholders.push({ name: value, ...pending });
			if (context.secrets.includes(value)) read.secrets.push(variable);
			read.handed.push({ variable, value, leading });
			continue;
		}
		const known = lookUp(value, context);
		if (isProblem(known)) {
			if (input.required) read.problems.push(known);
			continue;
		}
		const refused = refuseInput(variable, value, known.text, leading);
		if (refused) {
			read.problems.push(refused);
			continue;
		}
		const isSecret = context.secrets.includes(value);
		if (isSecret) read.secrets.push(variable);
		read.handed.push(known.literal ? { variable, text: known.text, leading } : { variable, value, leading });
		read.variables.push({ name: variable, hmac: context.hmac(known.text) });
	}
	return read;
}

/** A value by its name, or the fact of a target that `name.fact` means. */
function lookUp(name: string, context: PlanContext): { text: string; literal: boolean } | Problem {
	const value: JsonValue | undefined = context.values.get(name);
	if (value !== undefined && value !== null) return { text: valueText(value), literal: false };
	if (context.secrets.includes(name)) {
		return problem(
			"value-missing",
			`\`${name}\` is a secret, kept in memory only, and the server was started again since: its value is gone.`,
			{ next: "Set it again, or run the step that captures it.", data: { value: name } },
		);
	}
	if (!name.includes(".")) {
		return problem("value-missing", `\`${name}\` has no value yet.`, { data: { value: name } });
	}
	const filled = context.substitute(`{{${name}}}`);
	return isProblem(filled) ? filled : { text: filled.text, literal: true };
}

const beforeFinally = "Set it, or capture it: what the step's own script exports is not seen by its `finally`.";

/** A line of `finally` with what it is handed. `line` is of use only without problems. */
interface ReadFinal extends ReadInputs {
	line: FinallyCommand;
}

function finalOf(
	when: string | undefined,
	run: string,
	node: PlanNode,
	spec: StepSpec<ShellStep>,
	context: PlanContext,
	risk: Risk,
): ReadFinal {
	const captures = new Map(spec.capture.map(({ name, expression }) => [name, { from: spec.name, expression }]));
	const names = [...context.values.keys(), ...context.pending.keys(), ...context.secrets, ...captures.keys()];
	const { script, inputs, obstacles } = rewriteShell(run, names);
	const had = (name: string) => context.values.has(name) || context.carried.variables.has(name);
	const own = [...captures].filter(([name]) => !had(name) && !context.pending.has(name));
	const read = readInputs(inputs, { ...context, pending: new Map([...context.pending, ...own]) });
	for (const { text } of obstacles.slice(0, 1)) {
		const detail = `\`${text}\` in \`finally\` stands where no variable expands.`;
		read.problems.push(problem("placeholder-unusable", detail));
	}
	const problems = read.problems.map((what) =>
		what.code === "value-missing" ? { ...what, next: beforeFinally } : what,
	);
	const command: PlanCommand = {
		node,
		reference: spec.target ?? "local",
		text: script,
		risk,
		...(read.placeholders.length === 0 ? {} : { placeholders: read.placeholders }),
	};
	return { ...read, problems, line: { ...(when === undefined ? {} : { when }), command } };
}

function at(what: Problem, spec: StepSpec): Problem {
	return what.at ? what : { ...what, at: spec.place };
}
