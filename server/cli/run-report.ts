import { plainQuotes } from "../../core/plain-quotes.ts";
import { plainText } from "../../core/plain-text.ts";
import type { Plan } from "../../core/plan.ts";
import { recordedChecks, recordedObject, recordedPlan } from "../../core/recorded.ts";
import { runPlace } from "../../core/run-place.ts";
import type { JoinedEvent } from "../../core/session-event.ts";
import type { RunListener } from "../control/run-file-request.ts";
import { type Output, spokenDuration } from "./print.ts";

interface Finished {
	run: string;
	step: string;
	outcome: string;
	problem?: { content?: string };
	checks?: { content?: string };
	captured?: { content?: string };
}

/** Tells a run as a person reads it: a line a step with its outcome and duration, its output indented. */
export function runReport(output: Output): Pick<RunListener, "event" | "output"> {
	const startedAt = new Map<string, number>();
	const pending = new Map<string, { decoder: TextDecoder; rest: string }>();

	function print(run: string, text: string, isEnd: boolean): void {
		const state = pending.get(run);
		if (!state) return;
		const lines = (state.rest + text).split("\n");
		state.rest = isEnd ? "" : (lines.pop() ?? "");
		// At the end the last piece is whatever had no line end; an empty one is no line.
		if (isEnd && lines.at(-1) === "") lines.pop();
		for (const line of lines) output.out(`    ${plainText(line).replace(/\r/g, "")}`);
	}

	return {
		event(event: JoinedEvent) {
			const { type, data } = event;
			if (type === "session.opened") {
				output.out(`Session ${String(data.session)}: ${contentOf(data.title)}`);
			} else if (type === "run.started") {
				const run = String(data.run);
				startedAt.set(run, Date.parse(event.at));
				pending.set(run, { decoder: new TextDecoder(), rest: "" });
				output.out(
					`▸ ${String(data.step)}${nodesOf(data.plan as { content?: string } | undefined, String(data.step))}`,
				);
			} else if (type === "step.skipped") {
				output.out(`− ${String(data.step)}: skipped, ${contentOf(data.reason)}`);
			} else if (type === "run.rejected") {
				output.out(`✗ ${plainQuotes(contentOf(data.reason))}`);
			} else if (type === "run.finished") {
				const { run, step, outcome, problem, checks, captured } = data as unknown as Finished;
				print(run, pending.get(run)?.decoder.decode() ?? "", true);
				pending.delete(run);
				const ms = Date.parse(event.at) - (startedAt.get(run) ?? Date.parse(event.at));
				const sign = outcome === "succeeded" ? "✓" : outcome === "skipped" ? "−" : "✗";
				output.out(`${sign} ${step}: ${outcome}, ${spokenDuration(ms)}`);
				for (const line of [...failedChecks(checks), ...problemLine(problem), ...capturedLines(captured)]) {
					output.out(`    ${line}`);
				}
			}
		},
		output(run, bytes) {
			const state = pending.get(run);
			if (state) print(run, state.decoder.decode(bytes, { stream: true }), false);
		},
	};
}

/** The plan in words, as it is shown before the question. */
export function planInWords(plan: Plan): string {
	const place = runPlace(plan);
	const lines = [`This is what will run (${plan.risk}${place === null ? "" : `, ${place}`}):`];
	for (const step of plan.steps) {
		for (const command of step.commands) {
			lines.push(`    ${command.node.name} (${command.node.address}, ${command.node.role})> ${command.text}`);
		}
		for (const { command } of step.finally) {
			lines.push(`    finally ${command.node.name}> ${command.text}`);
		}
	}
	return lines.join("\n");
}

function contentOf(value: unknown): string {
	return typeof value === "object" && value !== null && "content" in value ? String(value.content) : "";
}

function nodesOf(plan: { content?: string } | undefined, step: string): string {
	const own = recordedPlan(plan)?.steps.find((one) => one.step === step);
	const nodes = own?.commands.map(({ node }) => `${node.name} (${node.address})`);
	return nodes && nodes.length > 0 ? ` on ${[...new Set(nodes)].join(", ")}` : "";
}

function failedChecks(checks: Finished["checks"]): string[] {
	return (recordedChecks(checks) ?? [])
		.filter((check) => !check.held)
		.map(({ that, otherwise, got }) => {
			const came = got === undefined ? "" : `; got ${typeof got === "string" ? got : JSON.stringify(got)}`;
			return `wanted ${that}${came}${otherwise ? ` (${plainQuotes(otherwise)})` : ""}`;
		});
}

function problemLine(problem: Finished["problem"]): string[] {
	const { code, detail, next } = recordedObject(problem) ?? {};
	if (typeof detail !== "string" || detail === "") return [];
	const told = `${typeof code === "string" ? code : ""}: ${detail}`;
	return [plainQuotes(typeof next === "string" && next !== "" ? `${told} ${next}` : told)];
}

function capturedLines(captured: Finished["captured"]): string[] {
	return Object.entries(recordedObject(captured) ?? {}).map(
		([name, value]) => `${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
	);
}
