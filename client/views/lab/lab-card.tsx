/* A lab that is up, or was: its name, its state and since when, and what it is made of. */
import type { LabStatus } from "../../../core/lab.ts";
import { Icon } from "../../components/icon.tsx";
import { useApp } from "../../shell/app-context.ts";
import { durationWords } from "../../words/duration-words.ts";
import { LabState } from "./lab-state.tsx";
import { labState, labSummary } from "./lab-words.ts";
import "./lab-card.css";

export function LabCard({ lab, selected, select }: { lab: LabStatus; selected: boolean; select: () => void }) {
	const { clock } = useApp();
	const since = durationWords(Math.max(0, clock.now.value - Date.parse(lab.since)));
	const faults = lab.nodes.filter((node) => node.fault !== undefined).length;
	return (
		<button type="button" class="lab-card lab-card--lab" aria-pressed={selected} onClick={select}>
			<span class="lab-card__top">
				<strong>{lab.name}</strong>
				<LabState state={labState(lab)}>{lab.state === "up" && ` ${since}`}</LabState>
			</span>
			<span class="muted">
				<span class="mono">{lab.kind}</span>
				{lab.nodes.length > 0 && ` · ${labSummary(lab.nodes)}`}
			</span>
			{faults > 0 && (
				<span class="lab-card__faults">
					<Icon name="alert" size={14} /> {faults} {faults === 1 ? "fault" : "faults"} now
				</span>
			)}
		</button>
	);
}
