/* What was asked at the start and, folded below it, what steps captured since; each with where it comes from. */

import { useComputed, useSignal } from "@preact/signals";
import { VisibleText } from "../../../steps/visible-text.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { countWords } from "../../words/count-words.ts";
import { durationWords } from "../../words/duration-words.ts";
import { contentText } from "./parse-content.ts";
import { useSession } from "./session-context.ts";
import { SetValue } from "./set-value.tsx";

export function SessionValues() {
	const { store } = useSession();
	const values = useComputed((): ShownValue[] =>
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
	const captured = values.value.filter(({ source, gone }) => source === "capture" && !gone);
	const given = values.value.filter((value) => !captured.includes(value));
	return (
		<div class="session-values">
			<dl class="session-values__list">
				{ticket !== undefined && (
					<div>
						<dt>ticket</dt>
						<dd>{contentText(ticket)}</dd>
					</div>
				)}
				{given.map((value) => (
					<Value key={value.name} value={value} />
				))}
				{wanted !== "" && (
					<div>
						<dt>objective</dt>
						<dd>{wanted}</dd>
					</div>
				)}
			</dl>
			{captured.length > 0 && (
				<details>
					<summary>{countWords(captured.length, "value")} captured by steps</summary>
					<dl class="session-values__list">
						{captured.map((value) => (
							<Value key={value.name} value={value} />
						))}
					</dl>
				</details>
			)}
		</div>
	);
}

interface ShownValue {
	name: string;
	source: string;
	text: string;
	secret: boolean;
	/** Kept in memory only, and the server was started again since. */
	gone: boolean;
}

function Value({ value: { name, source, text, secret, gone } }: { value: ShownValue }) {
	return (
		<div title={source === "capture" ? "captured by a step" : source}>
			<dt>{name}</dt>
			{gone ? (
				<GoneSecret name={name} />
			) : (
				<dd class={secret ? "session-values__secret" : ""}>
					<VisibleText text={text} />
				</dd>
			)}
		</div>
	);
}

function GoneSecret({ name }: { name: string }) {
	const { driving } = useSession();
	const setting = useSignal(false);
	return (
		<dd class="session-values__gone">
			<Icon name="alert" size={14} /> secret, gone since the server was started again{" "}
			{driving.value &&
				(setting.value ? (
					<SetValue
						name={name}
						place="values"
						done={() => {
							setting.value = false;
						}}
					/>
				) : (
					<Button
						size="small"
						onClick={() => {
							setting.value = true;
						}}
					>
						Set {name} again
					</Button>
				))}
		</dd>
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
