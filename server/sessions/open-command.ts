import type { JsonValue } from "../../core/json.ts";
import { ProblemError } from "../../core/problem.ts";
import { hasErrors, type StepSpec, usualSessionKind } from "../../core/runbook.ts";
import type { CommandOf } from "../../core/session-command.ts";
import type { SessionKind } from "../../core/session-event.ts";
import type { StepType } from "../../core/step-type.ts";
import { readParameters } from "./parameter-values.ts";
import type { ParseRunbook } from "./session-runbook.ts";
import type { ConfiguredTarget } from "./topologies.ts";

/** What a person gives to open a session, with the runbook's source as it was read. */
export interface Opening {
	path: string;
	source: string;
	/** What such a runbook usually is, unless told. */
	kind?: SessionKind | undefined;
	ticket: string | undefined;
	values: Record<string, JsonValue>;
	/** The steps that will run; all unless told. What only others ask for in their text needs no value. */
	only?: readonly string[] | undefined;
}

/** The command that opens a session. Throws `runbook-invalid`, what is wrong with a parameter, or `target-not-lab` for a drill. */
export function openCommand(
	{ path, source, kind: chosen, ticket, values, only }: Opening,
	participantName: string,
	{
		parse,
		target,
		stepTypes,
	}: { parse: ParseRunbook; target(name: string): ConfiguredTarget | null; stepTypes: readonly StepType[] },
): CommandOf<"open"> {
	const runbook = parse(source, path);
	if (hasErrors(runbook.problems)) {
		const first = runbook.problems.find((p) => p.severity === "error");
		throw new ProblemError("runbook-invalid", `${path}: ${first?.detail ?? "it has errors"}`, {
			data: runbook.problems as unknown as JsonValue,
		});
	}
	const kind = chosen ?? usualSessionKind(runbook);
	const asked = namesAsked(
		runbook.steps.filter(({ name }) => only?.includes(name) ?? true),
		stepTypes,
	);
	const parameters = readParameters(
		runbook,
		values,
		(name) => target(name)?.target.kind ?? null,
		({ name, origin }) => origin === "declared" || asked.has(name),
	);
	for (const { name, value } of kind === "drill" ? parameters : []) {
		const isTarget = runbook.parameters.some((p) => p.name === name && p.type === "target");
		const environment = isTarget ? target(String(value))?.target.environment : undefined;
		if (environment !== undefined && environment !== "lab") {
			throw new ProblemError("target-not-lab", `${String(value)} is ${environment}.`);
		}
	}
	return {
		type: "open",
		kind,
		...(ticket === undefined ? {} : { ticket }),
		runbook: { path, digest: runbook.digest },
		title: runbook.title,
		source,
		outline: runbook.steps.map(({ name, type, group }) => ({ name, type, ...(group === undefined ? {} : { group }) })),
		participantName,
		values: parameters,
	};
}

/** The names that steps ask for in their text. */
function namesAsked(steps: readonly StepSpec[], types: readonly StepType[]): Set<string> {
	const parameters = steps.flatMap((step) => types.find(({ name }) => name === step.type)?.parameters?.(step) ?? []);
	return new Set(parameters.map(({ name }) => name));
}
