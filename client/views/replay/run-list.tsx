/* The steps as they were run, in the order of time, with how each ended. A press goes there. */
import { useEffect, useRef } from "preact/hooks";
import { type ShownState, StateMark } from "../../components/state-mark.tsx";
import { utcClock } from "../../words/utc-words.ts";
import { useReplay } from "./replay-context.ts";
import type { ReplayRun, ReplayTimeline } from "./replay-timeline.ts";
import { scrollWithin, showPlayer } from "./scroll-within.ts";
import { spacePlays } from "./space-plays.ts";
import { shownOutcome } from "./step-states-at.ts";
import "./run-list.css";

export function RunList({ timeline, hits }: { timeline: ReplayTimeline; hits: ReadonlyMap<string, number> | null }) {
	const { player, titleOf, altered } = useReplay();
	const current = player.run.value;
	const list = useRef<HTMLOListElement>(null);
	useEffect(() => {
		scrollWithin(list.current, list.current?.querySelector('[aria-current="step"]'));
	}, [current]);
	if (timeline.runs.length === 0) return <p class="muted">No step was run.</p>;
	return (
		<ol class="replay-runs" ref={list} {...spacePlays(player)}>
			{timeline.runs.map((run) => {
				const found = hits?.get(run.run) ?? 0;
				return (
					<li key={run.run}>
						<button
							type="button"
							class="replay-run"
							aria-current={run === current ? "step" : undefined}
							onClick={() => {
								player.show(run);
								showPlayer();
							}}
						>
							<StateMark state={stateOf(run, altered.value)} />
							<span class="replay-run__title">{titleOf(run)}</span>
							{found > 0 && <span class="replay-run__hits">{found}</span>}
							<time class="mono faint" dateTime={new Date(run.startedAt).toISOString()}>
								{utcClock(new Date(run.startedAt).toISOString())}
							</time>
						</button>
					</li>
				);
			})}
		</ol>
	);
}

function stateOf(run: ReplayRun, altered: ReadonlySet<string>): ShownState {
	if (altered.has(run.run)) return "altered";
	return run.finishedAt === null ? "running" : shownOutcome(run.state.outcome);
}
