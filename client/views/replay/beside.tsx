/* What happened from this run's start to the playhead, outside its screen: notes, answers, deviations, changes of the topology. */
import { useComputed } from "@preact/signals";
import { httpRoutes } from "../../../core/protocol.ts";
import type { Attachment } from "../../../core/session-event.ts";
import { LineText } from "../../../steps/prose-text.tsx";
import { Icon } from "../../components/icon.tsx";
import { utcClock } from "../../words/utc-words.ts";
import { useReplay } from "./replay-context.ts";
import type { ReplayRun } from "./replay-timeline.ts";
import { happenedSince } from "./what-happened.ts";
import "./beside.css";

export function Beside({ run }: { run: ReplayRun }) {
	const { source, player, names } = useReplay();
	const entries = useComputed(() => {
		const timeline = source.timeline.value;
		if (!timeline) return [];
		const shown = source.events.value.filter((e) => Date.parse(e.at) <= player.at.value);
		return happenedSince(run, shown, timeline.marks, names.value);
	});
	if (entries.value.length === 0) return null;
	return (
		<ol class="replay-beside" aria-label="What happened beside it">
			{entries.value.map((entry) => (
				<li key={`${entry.seq} ${entry.tone}`} class={`replay-beside__entry replay-beside__entry--${entry.tone}`}>
					<Icon name={entry.icon} size={15} />
					<time class="mono faint" dateTime={entry.at}>
						{utcClock(entry.at)}
					</time>
					<div>
						<p>
							{entry.parts.map((part, i) => {
								const text = <LineText key={i} text={part.text} />;
								return part.strong ? <strong key={i}>{text}</strong> : text;
							})}
						</p>
						<Pictures attachments={entry.attachments} />
					</div>
				</li>
			))}
		</ol>
	);
}

function Pictures({ attachments }: { attachments: readonly Attachment[] }) {
	if (attachments.length === 0) return null;
	return (
		<p class="replay-beside__pictures">
			{attachments.map(({ sha256 }) => (
				<a key={sha256} href={httpRoutes.attachment(sha256)} target="_blank" rel="noreferrer">
					<img src={httpRoutes.attachment(sha256)} alt={`What was pasted, ${sha256.slice(0, 8)}`} loading="lazy" />
				</a>
			))}
		</p>
	);
}
