/* What was asked at the start and what steps captured since, each with where it comes from. */

import { useComputed, useSignal } from "@preact/signals";
import { VisibleText } from "../../../steps/visible-text.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { durationWords } from "../../words/duration-words.ts";
import { contentText } from "./parse-content.ts";
import { useSession } from "./session-context.ts";
import { SetValue } from "./set-value.tsx";

export function SessionValues() {
	const { store, driving } = useSession();
	const setting = useSignal<string | null>(null);
	const values = useComputed(() =>
		Object.entries(store.state.value?.values ?? {})
			.sort(([, a], [, b]) => a.seq - b.seq)
			.map(([name, value]) => ({
				name,
				source: value.source,
				text: value.secret ? "secret, kept in memory only" : plain(contentText(value.value)),
				secret: value.secret,
				gone: value.secret && store.state.value?.status === "open" && !store.secretsHeld.value.has(name),
			})),
	);
	const objectives = store.runbook.value?.objectives;
	const wanted = [
		...(objectives?.rtoMs === undefined ? [] : [`RTO ≤ ${durationWords(objectives.rtoMs)}`]),
		...(objectives?.rpo === undefined ? [] : [`RPO ${objectives.rpo}`]),
	].join(", ");
	const ticket = store.state.value?.ticket;
	if (values.value.length === 0 && wanted === "" && ticket === undefined) return null;
	return (
		<dl class="session-values">
			{ticket !== undefined && (
				<div>
					<dt>ticket</dt>
					<dd>{contentText(ticket)}</dd>
				</div>
			)}
			{values.value.map((value) => (
				<div key={value.name} title={value.source === "capture" ? "captured by a step" : value.source}>
					<dt>{value.name}</dt>
					{value.gone ? (
						<dd class="session-values__gone">
							<Icon name="alert" size={14} /> secret, gone since the server was started again{" "}
							{driving.value &&
								(setting.value === value.name ? (
									<SetValue
										name={value.name}
										place="values"
										done={() => {
											setting.value = null;
										}}
									/>
								) : (
									<Button
										size="small"
										onClick={() => {
											setting.value = value.name;
										}}
									>
										Set {value.name} again
									</Button>
								))}
						</dd>
					) : (
						<dd class={value.secret ? "session-values__secret" : ""}>
							<VisibleText text={value.text} />
						</dd>
					)}
				</div>
			))}
			{wanted !== "" && (
				<div>
					<dt>objective</dt>
					<dd>{wanted}</dd>
				</div>
			)}
		</dl>
	);
}

/** A JSON string without its quotes; other values as they are, on one line. */
function plain(json: string): string {
	try {
		const value: unknown = JSON.parse(json);
		return typeof value === "string" ? value : json;
	} catch {
		return json;
	}
}
