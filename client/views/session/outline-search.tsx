/* What is looked for in this session, at the top of the outline: steps by their title and text, then output and notes. */
import { type Signal, useComputed, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import type { SearchHit } from "../../../core/protocol.ts";
import type { StepSpec } from "../../../core/runbook.ts";
import { SearchField } from "../../components/search-field.tsx";
import { countWords } from "../../words/count-words.ts";
import { MarkedSnippet } from "../record/marked-snippet.tsx";
import { useSession } from "./session-context.ts";
import { useGoToStep } from "./use-go-to-step.ts";
import { useSessionHits } from "./use-session-hits.ts";
import "./outline-search.css";

/** More would not be read. */
const most = 100;

/** A step, or what was said in one. */
interface Place {
	step: string;
	hit: SearchHit | null;
}

/** What of a step its card shows before it runs. */
function textOf({ name, title, body, when, until, expect, expected }: StepSpec): string {
	return [title, name, body, when, until?.expression, ...expect.map(({ that }) => that), expected].join("\n");
}

export function OutlineSearch({
	field,
	query,
}: {
	field: RefObject<HTMLInputElement | null>;
	/** What stands in the field; while it is not empty what is found stands in the place of the outline. */
	query: Signal<string>;
}) {
	const { store, control, opened } = useSession();
	const goToStep = useGoToStep();
	const gone = useSignal<number | null>(null);
	const found = useSessionHits(store.session, query.value, () => {
		gone.value = null;
	});
	const steps = useComputed(() => {
		const wanted = query.value.trim().toLowerCase();
		if (wanted === "") return [];
		return store.units.value
			.flatMap((unit) => unit.steps)
			.filter((step) => {
				const spec = store.specs.value.get(step);
				return spec !== undefined && textOf(spec).toLowerCase().includes(wanted);
			});
	});
	const hits = found.value?.query === query.value.trim() ? found.value.hits : [];
	const said = hits.filter((hit) => hit.step !== null && (hit.where === "output" || hit.where === "note"));
	const places: Place[] = [
		...steps.value.map((step) => ({ step, hit: null })),
		...said.map((hit) => ({ step: hit.step ?? "", hit })),
	].slice(0, most);
	const go = (index: number) => {
		const place = places[index];
		if (!place) return;
		gone.value = index;
		if (place.hit?.where === "output") opened.value = new Map(opened.peek()).set(place.step, true);
		goToStep(place.step);
	};
	const titleOf = (step: string) => store.specs.value.get(step)?.title ?? step;
	return (
		<search class="outline-search">
			<SearchField
				field={field}
				label="Search this session"
				value={query.value}
				onInput={(event) => {
					query.value = event.currentTarget.value;
					gone.value = null;
				}}
				onKeyDown={(event) => {
					const { length } = places;
					if (event.key === "Escape") {
						const place = places[gone.peek() ?? -1];
						query.value = "";
						event.currentTarget.blur();
						// Keys go on from what was found.
						if (place) goToStep(place.step, true);
					} else if (event.key === "Enter" && length > 0) {
						const by = event.shiftKey ? -1 : 1;
						go(((gone.peek() ?? (by === 1 ? -1 : length)) + by + length) % length);
					} else return;
					event.preventDefault();
				}}
			/>
			{query.value.trim() !== "" && (
				<section class="outline-search__found" aria-label="Found">
					<p class="faint" role="status">
						{found.value?.problem
							? `The search did not answer: ${found.value.problem}`
							: found.value === null
								? "searching"
								: `${countWords(steps.value.length, "step")}, ${countWords(said.length, "place")} in output and notes`}
					</p>
					<ol>
						{places.map(({ step, hit }, i) => (
							<li key={i}>
								<button
									type="button"
									class="outline-search__place"
									aria-current={gone.value === i ? "true" : undefined}
									onClick={() => {
										if (!hit)
											control.chosen.value = store.units.peek().find((u) => u.steps.includes(step))?.name ?? null;
										go(i);
									}}
								>
									{hit ? (
										<>
											<span class="faint">
												{titleOf(step)} · {hit.where}
											</span>
											<MarkedSnippet text={hit.snippet} ranges={hit.matches} />
										</>
									) : (
										<span>{titleOf(step)}</span>
									)}
								</button>
							</li>
						))}
					</ol>
				</section>
			)}
		</search>
	);
}
