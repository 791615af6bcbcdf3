import { z } from "zod";
import { gravestRisk } from "../../core/plan.ts";
import { type Problem, problem } from "../../core/problem.ts";
import { defineStepType } from "../../core/step-type.ts";
import { reviewedRisk } from "./risk-table.ts";
import { splitRedisCommand } from "./split-command.ts";

/** One command of a redis step. */
export interface RedisCommand {
	/** The `@reference` that the line begins with, without the `@`; else the step's target. May hold `{{value}}`. */
	reference?: string;
	/** The command as written, without the reference. */
	text: string;
	/** Its arguments as redis-cli would split them. `{{value}}` is replaced in each argument by itself, so it never splits. */
	argv: string[];
	/** The line in the body, from 1. */
	line: number;
}

/** A redis step's own part: the commands in order, MULTI and EXEC included. */
export interface RedisStep {
	commands: RedisCommand[];
}

const attributes = z.object({});

/** Sends commands to nodes of a Redis cluster. */
export const redisType = defineStepType<RedisStep>({
	name: "redis",
	words: ["redis", "redis-cli"],
	attributes,
	attributeNames: [],

	parse(block) {
		const commands: RedisCommand[] = [];
		const problems: Problem[] = [];
		const lines = block.body.split("\n");
		// A listing with prompts (`127.0.0.1:6379> GET a`) shows replies too: only what was typed counts.
		const first = lines.find((line) => line.trim() !== "" && !line.trim().startsWith("#")) ?? "";
		const listing = prompt.test(first);
		lines.forEach((line, index) => {
			if (line.trim() === "" || line.trim().startsWith("#")) return;
			if (listing && !prompt.test(line)) return;
			const read = readRedisLine(listing ? line.replace(prompt, "") : line);
			if ("code" in read) {
				const column = line.length - line.trimStart().length + 1;
				problems.push({ ...read, at: { file: block.place.file, line: block.place.line + index + 1, column } });
			} else commands.push({ ...read, line: index + 1 });
		});
		if (problems.length > 0) return problems;
		if (commands.length === 0) {
			return [problem("step-empty", "There is no command in this block.", { severity: "warning", at: block.place })];
		}
		return { commands };
	},

	flaws(spec, placeOf) {
		// A target that can't be used is told as that.
		if (spec.target !== undefined || (spec.attributes.target ?? null) !== null) return [];
		// One is enough: a target is missing to all of them at once. What nobody annotated may not be meant to run.
		const severity = Object.keys(spec.attributes).length === 0 ? "warning" : "error";
		const command = spec.own.commands.find(({ reference }) => reference === undefined);
		if (command) {
			const line = spec.body.split("\n")[command.line - 1] ?? "";
			const column = line.length - line.trimStart().length + 1;
			const at = { file: spec.place.file, line: spec.place.line + command.line, column };
			return [{ ...withoutNode(command.text), severity, at }];
		}
		for (const { run } of spec.finally) {
			const read = readRedisLine(run);
			if (!("code" in read) && read.reference === undefined)
				return [{ ...withoutNode(read.text), severity, at: placeOf("finally") }];
		}
		return [];
	},

	risk(spec) {
		return gravestRisk(spec.own.commands.map((command) => reviewedRisk(command.argv) ?? "unknown"));
	},
});

const prompt = /^\s*(?:(?:redis|[\w.-]+:\d{1,5}|\[[0-9a-f:]+\]:\d{1,5})(?:\[\d+\])?(?:\(TX\))?)?>\s+/;

/** A command goes to the node that its own `@reference` names, or its step's target; this one has neither. */
export function withoutNode(command: string): Problem {
	return problem("target-missing", `\`${command}\` does not say which node it goes to.`);
}

/**
 * Reads one line: an optional `@reference`, then a command as redis-cli takes it. For bodies, `finally` lines and
 * commands that are added in a session.
 */
export function readRedisLine(line: string): Omit<RedisCommand, "line"> | Problem {
	const trimmed = line.trim().replace(/\{\{[ \t]*([^{}\s]+)[ \t]*\}\}/g, "{{$1}}");
	const match = /^@(\S+)\s*(.*)$/s.exec(trimmed);
	const text = match ? (match[2] ?? "") : trimmed;
	const argv = splitRedisCommand(text);
	if (argv === null) {
		return problem("step-invalid", `The quotes of \`${text}\` are not balanced.`, {
			next: "Close the quote that is open; a space follows a closing one.",
		});
	}
	if (argv.length === 0) return problem("step-empty", `\`${trimmed}\` names a node and no command.`);
	return match?.[1] === undefined ? { text, argv } : { reference: match[1], text, argv };
}
