/* The clusters that the session touches, live: nodes, roles, lag, who follows whom, what just changed, and how old the reading is. */
import { useComputed } from "@preact/signals";
import { whyDown } from "../../../../core/target.ts";
import { Icon } from "../../../components/icon.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { ageWords, liveAgeWords } from "../../../words/age-words.ts";
import { utcClock } from "../../../words/utc-words.ts";
import { useSession } from "../session-context.ts";
import { useSettling } from "../use-settling.ts";
import { silenceReasons } from "./as-it-was.ts";
import { clusterHealth } from "./lay-topology.ts";
import { shownChanges } from "./topology-changes.ts";
import { TopologyDrawing } from "./topology-drawing.tsx";
import type { WatchedTopology } from "./watched-topologies.ts";
import "./topology-panel.css";

/** A reading older than this is shown as old. */
const freshMs = 3_000;

export function TopologyPanel() {
	const { store } = useSession();
	const all = [...store.topologies.value.values()];
	if (all.length === 0) {
		return (
			<section class="topology" aria-label="Cluster">
				<p class="topology__none">No cluster is followed yet. It appears when a value or a step names one.</p>
			</section>
		);
	}
	return (
		<>
			{all.map((watched) => (
				<Cluster key={watched.topology.cluster} watched={watched} />
			))}
		</>
	);
}

function Cluster({ watched }: { watched: WatchedTopology }) {
	const { clock, connection } = useApp();
	const { topology, changes } = watched;
	const settling = useSettling(watched);
	const health = clusterHealth(topology, settling);
	const unreachable = topology.unreachableSince !== undefined;
	const age = useComputed(() => clock.live.value - watched.readAt);
	const old = useComputed(() => age.value > freshMs || connection.line.value.status === "offline");
	// A cluster of which enough answers tells it in the drawing; one that can't be used says it in words, and a silent one below.
	const isUnusable = health.tone === "bad" && !unreachable && topology.disputes.length === 0;
	const why = isUnusable ? whyDown(topology.members) : null;
	const recent = shownChanges(changes.filter((change) => clock.now.value - change.at < 20_000));
	return (
		<section class={`topology ${old.value ? "topology--old" : ""}`} aria-label={topology.cluster}>
			<header class="topology__head">
				<h2>{topology.cluster}</h2>
				<span class="topology__state">
					<span class={`topology__health topology__health--${health.tone}`}>
						{health.tone !== "good" && <Icon name={health.tone === "bad" ? "circle-alert" : "alert"} size={13} />}
						{health.words}
					</span>{" "}
					· <span class="topology__age">read {liveAgeWords(age.value)}</span>
				</span>
			</header>
			{topology.unreachableSince !== undefined && (
				<p class="topology__notice topology__notice--bad">
					<Icon name="wifi-off" /> No member has answered since {utcClock(topology.unreachableSince)} UTC,{" "}
					{ageWords(clock.now.value - Date.parse(topology.unreachableSince))}.
					{watched.asItWas && " What is drawn is as it was."}
				</p>
			)}
			{why !== null && (
				<p class="topology__notice topology__notice--bad">
					<Icon name="circle-alert" /> {why}.
				</p>
			)}
			{topology.disputes.map((dispute) => (
				<div key={dispute.role} class={`topology__notice topology__notice--${settling ? "warn" : "bad"}`}>
					<Icon name="circle-help" />
					<span>
						Who is {dispute.role} is disputed:
						{dispute.says.map(({ observer, value }) => (
							<span key={observer} class="topology__says">
								<b class="mono">{observer}</b> says <b class="mono">{value}</b>
							</span>
						))}
					</span>
				</div>
			))}
			<TopologyDrawing
				topology={topology}
				settling={settling}
				wasSo={watched.asItWas}
				changed={new Set(recent.map((change) => change.address))}
			/>
			{unreachable && (
				<ul class="topology__reasons">
					{silenceReasons(topology.members).map((reason) => (
						<li key={reason}>{reason}</li>
					))}
				</ul>
			)}
			{recent.length > 0 && (
				<ul class="topology__changes" aria-live="polite">
					{recent.map((change) => (
						<li key={`${change.at} ${change.words}`} class={`topology__change topology__change--${change.tone}`}>
							<Icon
								name={change.tone === "bad" ? "alert" : change.tone === "good" ? "check" : "arrow-up-down"}
								size={13}
							/>{" "}
							{change.words} <span class="faint">{ageWords(clock.now.value - change.at)}</span>
						</li>
					))}
				</ul>
			)}
		</section>
	);
}
