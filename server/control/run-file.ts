import type { JsonValue } from "../../core/json.ts";
import { type Problem, ProblemError } from "../../core/problem.ts";
import type { TargetSummary } from "../../core/protocol.ts";
import { type StepSpec, type Unit, unitsOf } from "../../core/runbook.ts";
import type { JoinedEvent } from "../../core/session-event.ts";
import type { Engine } from "../engine.ts";
import type { Caller } from "../sessions/sessions.ts";
import { closeWalk, type Ended } from "./close-walk.ts";
import { FileWalk } from "./file-walk.ts";
import { followOutput } from "./follow-output.ts";
import { heldPatienceMs, watchHeldRecord } from "./held-record.ts";
import { PlainLines } from "./plain-lines.ts";
import type { RunFileRequest, RunFileResult, RunListener } from "./run-file-request.ts";

/**
 * Walks one session through a runbook's file: unit by unit in order, ends with the first failure, closes the session in words.
 * A manual step is never answered by a flag: it is skipped as not attested and the walk goes on.
 * Throws ProblemError when the session can't be opened at all.
 */
export async function runFile(
	engine: Engine,
	request: RunFileRequest,
	caller: Caller,
	listener: RunListener,
	signal: AbortSignal,
): Promise<RunFileResult> {
	const { sessions } = engine;
	const path = await engine.given.give(request.file, engine.configuration.runbooks);
	const source = engine.given.source(path) ?? (await engine.library.open(path)).source;
	const runbook = engine.library.parse(source, path);
	const units = chosenUnits(runbook.steps, request.only);

	let session: string | null = null;
	const early: { session: string; event: JoinedEvent }[] = [];
	const lines = new PlainLines(
		() => sessions.maskOf(session ?? ""),
		(run, bytes) => listener.output(run, bytes),
	);
	const tell = (event: JoinedEvent) => {
		if (event.type === "run.finished") lines.end(String(event.data.run));
		listener.event(event);
	};
	const unwatch = engine.followTerminals((terminal) => {
		if (terminal.session === session) followOutput(terminal.log, (bytes) => lines.push(terminal.run, bytes));
	});
	const unfollow = sessions.follow((of, events) => {
		for (const event of events) {
			if (session === null) early.push({ session: of, event });
			else if (of === session) tell(event);
		}
	});
	const open = async (opening: Parameters<typeof sessions.open>[0]) => {
		try {
			return await sessions.open(opening, caller);
		} catch (error) {
			throw error instanceof ProblemError ? ProblemError.of(withOptions(error.problem, engine.targets())) : error;
		}
	};
	const held = watchHeldRecord(engine.folder.health, {
		cancelled: signal,
		patienceMs: listener.ask ? null : heldPatienceMs,
		told: (health) => listener.recordHealth(health),
	});
	try {
		session = await open({
			path,
			kind: request.kind,
			values: request.values as Record<string, JsonValue>,
			...(request.only.length === 0 ? {} : { only: units.flatMap((unit) => unit.steps) }),
			...(request.ticket === undefined ? {} : { ticket: request.ticket }),
		});
		for (const told of early) if (told.session === session) tell(told.event);
		const walk = new FileWalk(engine, session, request, caller, listener, held.signal);
		let ended: Ended = { failed: null, problem: null };
		for (const unit of units) {
			ended = await walk.unit(unit, runbook.steps);
			if (ended.failed !== null) break;
		}
		return await closeWalk(engine, session, units, ended, caller, held, request.only.length > 0);
	} finally {
		held.close();
		unfollow();
		unwatch();
	}
}

/** What is wrong with a parameter, with the options of the command line that mend it. */
function withOptions(told: Problem, targets: readonly TargetSummary[]): Problem {
	const { code, data } = told;
	if (code === "parameter-missing" && Array.isArray(data)) {
		const options = (data as { name: string; type: string }[]).map(({ name, type }) =>
			type === "target"
				? `--target ${name}=CLUSTER`
				: type === "secret"
					? `--set-file ${name}=FILE`
					: `--set ${name}=VALUE`,
		);
		return { ...told, next: `Add ${options.join(" ")}.` };
	}
	if ((code === "target-unknown" || code === "target-kind-mismatch") && data !== undefined) {
		const { parameter } = data as { parameter: string };
		const known = targets.map(({ name, kind }) => `${name} (${kind})`).join(", ");
		return { ...told, next: `Choose one with --target ${parameter}=CLUSTER. The targets are ${known || "none"}.` };
	}
	return told;
}

/** The units to walk through. Throws `step-unknown` for a name that the runbook does not have. */
function chosenUnits(steps: readonly StepSpec[], only: readonly string[]): Unit[] {
	const units = unitsOf(steps);
	for (const name of only) {
		if (!units.some((unit) => unit.name === name || unit.steps.includes(name))) {
			throw new ProblemError("step-unknown", `There is no step \`${name}\`.`, {
				next: `The steps are ${steps.map((step) => step.name).join(", ")}.`,
			});
		}
	}
	if (only.length > 0) {
		return units.filter((unit) => only.includes(unit.name) || unit.steps.some((step) => only.includes(step)));
	}
	const excluded = new Set(steps.filter((step) => step.excludeFromRunAll).map((step) => step.name));
	return units.filter((unit) => !unit.steps.every((step) => excluded.has(step)));
}
