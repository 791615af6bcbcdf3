/* How a session was opened: who, on which runbook, with which values. Stands where no step has run yet. */
import { pageAddress } from "../../shell/router.ts";
import { utcMoment } from "../../words/utc-words.ts";
import { contentText } from "../session/parse-content.ts";
import { useReplay } from "./replay-context.ts";
import { shortHash } from "./run-facts.ts";
import "./replay-facts.css";
import "./opening.css";

export function Opening() {
	const { source, names } = useReplay();
	const state = source.store.state.value;
	if (!state) return null;
	const parameters = Object.entries(state.values).filter(([, value]) => value.source === "parameter");
	return (
		<div class="replay-opening">
			<h2>{contentText(state.title)}</h2>
			<p class="muted">
				Opened as {state.kind === "incident" ? "an" : "a"} {state.kind} by{" "}
				<strong>{names.value.person(state.openedBy ?? "")}</strong>, {utcMoment(state.openedAt ?? "")}
				{state.ticket !== undefined && <> for {contentText(state.ticket)}</>}.
			</p>
			<dl class="replay-facts replay-facts--wide">
				<dt>runbook</dt>
				<dd>
					<a href={pageAddress.runbook(state.runbook.path)}>{state.runbook.path}</a>
				</dd>
				<dt>digest</dt>
				<dd title={state.runbook.digest}>{shortHash(state.runbook.digest)}, as it was opened</dd>
				{parameters.map(([name, value]) => (
					<div key={name} class="replay-facts__pair">
						<dt>{name}</dt>
						<dd>{value.secret ? "a secret, kept nowhere" : valueWords(contentText(value.value))}</dd>
					</div>
				))}
				{state.close && (
					<>
						<dt>ended</dt>
						<dd>
							{state.close.outcome}: {contentText(state.close.summary)}
						</dd>
					</>
				)}
			</dl>
			<p class="faint">Space plays it. Choose a step, or a place on the line below, to go there.</p>
		</div>
	);
}

function valueWords(json: string): string {
	try {
		const value: unknown = JSON.parse(json);
		return typeof value === "string" ? value : json;
	} catch {
		return json;
	}
}
