/* What the player shows at the playhead: before the first run how the session was opened; then the run's screen, and what people did beside it. */

import { useComputed } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { plainText } from "../../../core/plain-text.ts";
import { recordedPlan } from "../../../core/recorded.ts";
import { type RecordingEvent, recordingBytes } from "../../../core/recording.ts";
import { decodeUtf8 } from "../../../core/utf8.ts";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { ProblemNote } from "../../components/page-state.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { byteWords } from "../../words/count-words.ts";
import { utcClock } from "../../words/utc-words.ts";
import { ansiLines } from "../session/output/ansi-lines.ts";
import { Beside } from "./beside.tsx";
import { findWords } from "./find-words.ts";
import { lastLeavingScreen } from "./left-screen.ts";
import { Opening } from "./opening.tsx";
import { useReplay } from "./replay-context.ts";
import type { LoadedRecording } from "./replay-recordings.ts";
import type { ReplayRun } from "./replay-timeline.ts";
import { shownOutcome } from "./step-states-at.ts";
import { TerminalScreen } from "./terminal-screen.tsx";
import { TextScreen } from "./text-screen.tsx";
import "./stage.css";

/** Longer output is drawn by the terminal, which shows what fits and keeps the page light. */
const mostAsText = 256 * 1024;

export function Stage() {
	const { player } = useReplay();
	const run = player.run.value;
	return (
		<section class="replay-stage" aria-label="What the session showed">
			{run === null ? <Opening /> : <RunStage key={run.run} run={run} />}
		</section>
	);
}

function RunStage({ run }: { run: ReplayRun }) {
	const { source, player, query, titleOf, altered } = useReplay();
	const recording = source.recordings.byRun.value.get(run.run);
	const { load } = source.recordings;
	useEffect(() => void load(run.state), [load, run.state]);
	const over = useComputed(() => {
		const end = player.run.value?.finishedAt ?? null;
		return end !== null && end <= player.at.value;
	});
	const isAltered = altered.value.has(run.run);
	const status = isAltered ? "altered" : over.value ? shownOutcome(run.state.outcome) : "running";
	const hits = useComputed(() => {
		const events = source.recordings.byRun.value.get(run.run)?.events ?? [];
		// With each key that is typed: what is long is left to the list of hits.
		if (query.value.trim() === "" || outputBytes(events) > mostAsText) return null;
		return findWords(plainText(decodeUtf8(recordingBytes(events))), query.value).length;
	});
	const nodes = nodesOf(run);
	const type = source.store.state.value?.steps[run.step]?.type ?? "";
	return (
		<>
			<header class="replay-stage__head">
				<StateMark state={status} />
				<h2>{titleOf(run)}</h2>
				<span class="muted">
					{[type, nodes, utcClock(new Date(run.startedAt).toISOString())].filter(Boolean).join(" · ")}
				</span>
				<Button
					kind="quiet"
					size="small"
					icon="play"
					label="Play this step from its start"
					onClick={() => player.playRun(run)}
				/>
				{hits.value !== null && (
					<span class="replay-stage__hits muted">
						{hits.value === 0 ? "No hit for" : `${hits.value} ${hits.value === 1 ? "hit" : "hits"} for`} “
						<mark>{query.value.trim()}</mark>” in this step
					</span>
				)}
			</header>
			<div class="replay-stage__body" data-scrolls>
				{isAltered && (
					<p class="replay-stage__altered">
						<Icon name="x" /> The record of this step was altered: what is shown here is not what was recorded.
					</p>
				)}
				<Screen run={run} recording={recording} />
				<Beside run={run} />
			</div>
		</>
	);
}

function nodesOf(run: ReplayRun): string {
	const commands = recordedPlan(run.state.plan)?.steps.find((s) => s.step === run.step)?.commands ?? [];
	return [...new Set(commands.map((c) => c.node.name))].join(", ");
}

function Screen({ run, recording }: { run: ReplayRun; recording: LoadedRecording | undefined }) {
	const { source, player } = useReplay();
	const shown = useComputed(() =>
		eventsUntil(source.recordings.byRun.value.get(run.run)?.events ?? [], player.at.value - run.startedAt),
	);
	const asText = useMemo(() => {
		const events = recording?.events ?? [];
		return outputBytes(events) <= mostAsText && !ansiLines(decodeUtf8(recordingBytes(events))).movesCursor;
	}, [recording]);
	if (!recording) {
		return run.state.recording === null ? (
			<p class="replay-stage__none muted">This run has no recording: nothing was shown.</p>
		) : (
			<p class="replay-stage__none muted" role="status">
				Reading the recording …
			</p>
		);
	}
	return (
		<>
			{recording.problem && <ProblemNote problem={recording.problem} />}
			{recording.cutOf !== null && (
				<p class="replay-stage__none muted">
					This recording has {byteWords(recording.cutOf)}: its beginning is shown here, all of it is in the export.
				</p>
			)}
			{asText ? (
				<TextScreen run={run.run} shown={shown} />
			) : (
				<TerminalScreen recording={recording} run={run.run} shown={shown} />
			)}
			<LeftScreen run={run} recording={recording} shown={shown.value} />
		</>
	);
}

function outputBytes(events: readonly RecordingEvent[]): number {
	const last = events.findLast((event) => event.kind === "output");
	return last ? last.offset + last.bytes.length : 0;
}

/** A full-screen program wipes its screen when it ends: the way back to what was on it. */
function LeftScreen({ run, recording, shown }: { run: ReplayRun; recording: LoadedRecording; shown: number }) {
	const { player } = useReplay();
	const left = useMemo(() => lastLeavingScreen(recording.events), [recording]);
	if (left === null || shown <= left.index) return null;
	return (
		<p class="replay-stage__left muted">
			The program left its full screen.
			<Button size="small" icon="undo" onClick={() => player.seek(run.startedAt + left.before)}>
				Show it as it was
			</Button>
		</p>
	);
}

/** How many of a recording's events have happened after so many milliseconds. */
function eventsUntil(events: readonly RecordingEvent[], ms: number): number {
	let low = 0;
	let high = events.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((events[middle]?.atMs ?? 0) <= ms) low = middle + 1;
		else high = middle;
	}
	return low;
}
