/* What is looked for in this session: the field in the header, and the hits with their surroundings, step by step. */

import type { RefObject } from "preact";
import type { SearchHit } from "../../../core/protocol.ts";
import { SearchField } from "../../components/search-field.tsx";
import { countWords } from "../../words/count-words.ts";
import { MarkedSnippet } from "../record/marked-snippet.tsx";
import type { SessionHits } from "../session/use-session-hits.ts";
import { useReplay } from "./replay-context.ts";
import type { ReplayTimeline } from "./replay-timeline.ts";
import { scrollWithin, showPlayer } from "./scroll-within.ts";
import "./session-search.css";

/** Goes to one of the hits; which one it was is kept, so that the next is known. */
function useGoToHit(timeline: ReplayTimeline | null): (hits: readonly SearchHit[], index: number) => void {
	const { player, gone, goTo } = useReplay();
	return (hits, index) => {
		const hit = hits[index];
		if (!hit || !timeline) return;
		gone.value = index;
		const row = document.getElementById(`hit-${index}`);
		scrollWithin(row?.closest("ol") ?? null, row);
		showPlayer();
		const run = timeline.runs.find((r) => r.run === hit.run);
		if (run && hit.where === "output") goTo(run, hit.offsetMs ?? 0);
		// What came of a command is seen with it.
		else if (run && hit.where === "command") player.show(run);
		else player.seek(Date.parse(hit.at));
	};
}

export function SessionSearch({
	field,
	found,
	timeline,
}: {
	field: RefObject<HTMLInputElement | null>;
	found: SessionHits | null;
	timeline: ReplayTimeline | null;
}) {
	const { query, gone } = useReplay();
	const goToHit = useGoToHit(timeline);
	const go = (direction: 1 | -1) => {
		const count = found?.hits.length ?? 0;
		if (count === 0) return;
		const now = gone.peek();
		const next = now === null ? (direction === 1 ? 0 : count - 1) : (now + direction + count) % count;
		goToHit(found?.hits ?? [], next);
	};
	return (
		<SearchField
			field={field}
			class="replay__search"
			label="Search this session"
			value={query.value}
			onInput={(event) => {
				query.value = event.currentTarget.value;
			}}
			onKeyDown={(event) => {
				if (event.key === "Escape") {
					query.value = "";
					event.currentTarget.blur();
				} else if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
				else return;
				event.preventDefault();
			}}
		/>
	);
}

export function HitList({ found, timeline }: { found: SessionHits; timeline: ReplayTimeline }) {
	const { source, gone } = useReplay();
	const goToHit = useGoToHit(timeline);
	const steps = new Set(found.hits.map((hit) => hit.run ?? hit.step));
	return (
		<section class="replay-side__part" aria-label="Hits">
			<h3 class="quiet-heading">
				{found.problem !== null
					? "The search did not answer"
					: found.hits.length === 0
						? "No hit"
						: `${countWords(found.hits.length, "hit")} in ${countWords(steps.size, "step")}`}
			</h3>
			{found.problem !== null && <p class="muted">{found.problem}</p>}
			{found.problem === null && found.hits.length === 0 && (
				<p class="muted">What was sent, output, values and notes of this session were looked at.</p>
			)}
			<ol class="replay-hits">
				{found.hits.slice(0, 200).map((hit, i) => (
					<li key={i}>
						<button
							type="button"
							id={`hit-${i}`}
							class="replay-hit"
							aria-current={gone.value === i ? "true" : undefined}
							onClick={() => goToHit(found.hits, i)}
						>
							<span class="faint">
								{hit.step === null ? "" : `${source.store.specs.value.get(hit.step)?.title ?? hit.step} · `}
								{hit.where}
							</span>
							<MarkedSnippet text={hit.snippet} ranges={hit.matches} />
						</button>
					</li>
				))}
			</ol>
		</section>
	);
}
