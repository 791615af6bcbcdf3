/* The facts of the run at the playhead: who, which plan, where, what was sent and what came of it. */
import { useComputed } from "@preact/signals";
import type { JoinedEvent } from "../../../core/session-event.ts";
import type { SessionState, ValueState } from "../../../core/session-state.ts";
import { countWords } from "../../words/count-words.ts";
import { knownValues } from "../session/known-values.ts";
import { Marked } from "./marked.tsx";
import { useReplay } from "./replay-context.ts";
import { eventIndexAt } from "./replay-timeline.ts";
import { type RunFact, runFacts, shortHash } from "./run-facts.ts";
import "./replay-facts.css";

export function FactsPanel() {
	const { source, player, names, query } = useReplay();
	const facts = useComputed((): RunFact[] => {
		const run = player.run.value;
		const state = source.store.state.value;
		if (!run || !state) return [];
		const events = source.events.value;
		return runFacts(run, player.at.value, {
			state,
			requested: events.find(
				(e) =>
					e.type === "run.requested" &&
					(e.data as { runs?: { run: string }[] }).runs?.some((r) => r.run === run.run) === true,
			),
			started: events[run.startedSeq - 1],
			edits: events.filter(
				(e) => e.type === "step.edited" && e.seq < run.startedSeq && (e.data as { step?: string }).step === run.step,
			),
			known: knownValues(valuesBefore(events, run.startedSeq)),
			written: source.store.runbook.value?.steps.find(({ name }) => name === run.step)?.body,
			person: names.value.person,
		});
	});
	const event = useComputed(() => source.events.value[eventIndexAt(source.events.value, player.at.value)]);
	return (
		<section class="replay-side__part" aria-labelledby="replay-facts">
			<h3 id="replay-facts" class="quiet-heading">
				{player.run.value ? "This run" : "This moment"}
			</h3>
			<dl class="replay-facts">
				{facts.value.map((fact, i) => (
					<div key={`${fact.name} ${i}`} class="replay-facts__pair">
						<dt>{fact.name}</dt>
						<dd class={fact.tone === undefined ? "" : `replay-facts__value--${fact.tone}`} title={fact.title}>
							{fact.lines.map((line, j) => (
								<span key={j}>
									<Marked text={line} query={query.value} />
								</span>
							))}
							{fact.rest !== undefined && (
								<details class="replay-facts__rest">
									<summary>{countWords(fact.rest.length, "line")} more</summary>
									{fact.rest.map((line, j) => (
										<span key={j}>
											<Marked text={line} query={query.value} />
										</span>
									))}
								</details>
							)}
						</dd>
					</div>
				))}
				{event.value && (
					<div class="replay-facts__pair">
						<dt>event</dt>
						<dd title={event.value.hash}>
							#{event.value.seq} · {shortHash(event.value.hash)}
						</dd>
					</div>
				)}
			</dl>
		</section>
	);
}

/** The values that stood before an event. */
function valuesBefore(events: readonly JoinedEvent[], seq: number): SessionState["values"] {
	const values = new Map<string, ValueState>();
	for (const event of events) {
		if (event.seq >= seq) break;
		if (event.type !== "value.set") continue;
		const { name, ...value } = event.data as unknown as Omit<ValueState, "seq"> & { name: string };
		values.set(name, { ...value, seq: event.seq });
	}
	return Object.fromEntries(values);
}
