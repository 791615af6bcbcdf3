/* The line of time: what was busy and what idle, marks of what happened, and the playhead, which is dragged, clicked to, or moved by keys. */
import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { sessionTookMs } from "../../../core/session-took.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { SmallSelect } from "../../components/small-select.tsx";
import { durationWords } from "../../words/duration-words.ts";
import { utcClock, utcDay } from "../../words/utc-words.ts";
import { momentHash } from "./moment-link.ts";
import { type Speed, speeds } from "./player.ts";
import { useReplay } from "./replay-context.ts";
import { replayScale } from "./replay-scale.ts";
import type { ReplayMark, ReplayMarkKind, ReplayTimeline } from "./replay-timeline.ts";
import "./scrubber.css";

const kinds: { kind: ReplayMarkKind; word: string }[] = [
	{ kind: "step", word: "step" },
	{ kind: "note", word: "note" },
	{ kind: "failed", word: "failed" },
	{ kind: "approval", word: "approval" },
	{ kind: "deviation", word: "deviation" },
	{ kind: "topology", word: "topology changed" },
];

/** `02:15:41.2` of Unix milliseconds; of a session that took seconds `02:15:41.263`. */
function clockWords(at: number, timeline: ReplayTimeline): string {
	const iso = new Date(at).toISOString();
	return `${utcClock(iso)}.${iso.slice(20, isShort(timeline) ? 23 : 21)}`;
}

function isShort(timeline: ReplayTimeline): boolean {
	return timeline.to - timeline.from < 10_000;
}

/** A speed as it is chosen: `1/4×`, `16×`. */
function speedWords(speed: Speed): string {
	return speed < 1 ? `1/${Math.round(1 / speed)}×` : `${speed}×`;
}

export function Scrubber({ timeline }: { timeline: ReplayTimeline }) {
	const { player, source } = useReplay();
	const present = new Set(timeline.marks.map((mark) => mark.kind));
	const from = new Date(timeline.from).toISOString();
	const to = new Date(timeline.to).toISOString();
	const days = utcDay(from) !== utcDay(to);
	const at = new Date(player.at.value).toISOString();
	const session = source.store.state.value;
	const open = session?.status === "open";
	// Who leaves after it was closed makes the line longer, not the session.
	const end = session?.closedAt ?? to;
	const took = sessionTookMs(session ?? {}, timeline.to);
	const { shortened } = useMemo(() => replayScale(timeline.stretches), [timeline]);
	return (
		<section class="replay-bar" aria-label="Player">
			<Track timeline={timeline} />
			<div class="replay-bar__controls">
				<Button
					kind="quiet"
					icon={player.playing.value ? "pause" : "play"}
					label={player.playing.value ? "Pause (Space)" : "Play (Space)"}
					onClick={player.toggle}
				/>
				<span class="replay-bar__now mono">
					{clockWords(player.at.value, timeline)} UTC{days && <span class="faint"> {utcDay(at)}</span>}
				</span>
				<SmallSelect
					label={<span class="sr-only">Speed</span>}
					value={player.speed.value}
					options={speeds}
					words={speedWords}
					choose={(speed) => player.setSpeed(speed)}
				/>
				<Button
					size="small"
					pressed={player.skipIdle.value}
					onClick={player.toggleIdle}
					title="Pass over idle time (i)"
				>
					{player.skipIdle.value ? "idle skipped" : "idle played"}
				</Button>
				<CopyButton
					words="Link to this moment"
					label="Copy a link to this moment"
					text={() => `${location.origin}${location.pathname}${momentHash(player.at.peek())}`}
				/>
			</div>
			<div class="replay-bar__about">
				<span>
					{days
						? `${utcDay(from)} ${utcClock(from)} to ${utcDay(end)} ${utcClock(end)}`
						: `${utcClock(from)} to ${utcClock(end)}`}
					{took !== null && (open ? `, ${durationWords(took)} so far` : `, took ${durationWords(took)}`)}
					{open && ", still open"}
				</span>
				<ul class="replay-bar__legend" aria-label="Marks on the line">
					{kinds
						.filter(({ kind }) => present.has(kind))
						.map(({ kind, word }) => (
							<li key={kind} class={`replay-legend replay-legend--${kind}`}>
								{word}
							</li>
						))}
					{shortened && <li class="faint">dotted: idle, drawn shorter</li>}
				</ul>
			</div>
		</section>
	);
}

function Track({ timeline }: { timeline: ReplayTimeline }) {
	const { player, titleOf } = useReplay();
	const track = useRef<HTMLDivElement>(null);
	const hover = useSignal<number | null>(null);
	const scale = useMemo(() => replayScale(timeline.stretches), [timeline]);
	const percent = (at: number) => `${(scale.place(at) * 100).toFixed(3)}%`;
	const momentAt = (clientX: number) => {
		const box = track.current?.getBoundingClientRect();
		return box ? scale.moment((clientX - box.left) / box.width) : timeline.from;
	};
	const run = player.run.value;
	return (
		<div
			class="replay-track"
			ref={track}
			role="slider"
			tabIndex={0}
			aria-label="Moment of the session"
			aria-valuemin={0}
			aria-valuemax={Math.round(timeline.to - timeline.from)}
			aria-valuenow={Math.round(player.at.value - timeline.from)}
			aria-valuetext={`${clockWords(player.at.value, timeline)} UTC${run ? `, ${titleOf(run)}` : ""}`}
			onPointerDown={(event) => {
				if (event.button !== 0) return;
				event.currentTarget.setPointerCapture(event.pointerId);
				player.seek(momentAt(event.clientX));
			}}
			onPointerMove={(event) => {
				const at = momentAt(event.clientX);
				hover.value = at;
				if (event.currentTarget.hasPointerCapture(event.pointerId)) player.seek(at);
			}}
			onPointerLeave={() => {
				hover.value = null;
			}}
			onKeyDown={(event) => {
				if (event.key === "Home") player.seek(timeline.from);
				else if (event.key === "End") player.seek(timeline.to);
				else return;
				event.preventDefault();
			}}
		>
			<div class="replay-track__rail">
				{timeline.stretches.map((stretch) => (
					<span
						key={stretch.from}
						class={`replay-stretch ${stretch.idle ? "replay-stretch--idle" : ""}`}
						style={{
							left: percent(stretch.from),
							width: `${(scale.place(stretch.to) - scale.place(stretch.from)) * 100}%`,
						}}
						title={stretch.idle ? `idle for ${durationWords(stretch.to - stretch.from)}` : undefined}
					/>
				))}
				<span class="replay-track__played" style={{ width: percent(player.at.value) }} />
			</div>
			{timeline.marks.map((mark) => (
				<span
					key={`${mark.seq} ${mark.kind}`}
					class={`replay-mark replay-mark--${mark.kind}`}
					style={{ left: percent(mark.at) }}
				/>
			))}
			<span class="replay-track__head" style={{ left: percent(player.at.value) }} />
			{hover.value !== null && (
				<Hover
					at={hover.value}
					place={percent(hover.value)}
					timeline={timeline}
					near={nearMark(timeline, scale.place, hover.value)}
				/>
			)}
		</div>
	);
}

/** The mark nearest to a moment, within a hundredth of the line. */
function nearMark(timeline: ReplayTimeline, place: (at: number) => number, at: number): ReplayMark | null {
	let best: ReplayMark | null = null;
	let distance = 0.01;
	for (const mark of timeline.marks) {
		const apart = Math.abs(place(mark.at) - place(at));
		if (apart <= distance) {
			best = mark;
			distance = apart;
		}
	}
	return best;
}

function Hover({
	at,
	place,
	timeline,
	near,
}: {
	at: number;
	place: string;
	timeline: ReplayTimeline;
	near: ReplayMark | null;
}) {
	const { source } = useReplay();
	const idle = timeline.stretches.find((s) => s.idle && s.from <= at && at < s.to);
	const title = (step: string) => source.store.specs.value.get(step)?.title ?? step;
	const label = (mark: ReplayMark) => {
		if (mark.kind === "step" || mark.kind === "approval") return title(mark.label);
		if (mark.kind === "failed") return `${title(mark.label)}, failed`;
		return mark.deviation === undefined ? mark.label : `${title(mark.label)}, ${mark.deviation}`;
	};
	return (
		<span class="replay-track__hover" style={{ left: place }}>
			<span class="mono">{clockWords(at, timeline)}</span>
			{near ? ` ${label(near)}` : idle ? ` idle for ${durationWords(idle.to - idle.from)}` : ""}
		</span>
	);
}
