/* One lab: what it costs to break it (the probes), its nodes, and what happened lately. */
import { useSignal } from "@preact/signals";
import type { LabStatus } from "../../../core/lab.ts";
import { problem } from "../../../core/problem.ts";
import { EnvironmentBadge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Icon } from "../../components/icon.tsx";
import { ProblemNote } from "../../components/page-state.tsx";
import { SmallSelect } from "../../components/small-select.tsx";
import { durationWords } from "../../words/duration-words.ts";
import { utcClock } from "../../words/utc-words.ts";
import { LabSection } from "./lab-section.tsx";
import { LabState } from "./lab-state.tsx";
import { faultChoices, labState, usualFaultSeconds } from "./lab-words.ts";
import { LogsDialog } from "./logs-dialog.tsx";
import { NodeCard } from "./node-card.tsx";
import { ProbePanel } from "./probe-panel.tsx";
import { useLabRequest } from "./use-lab-request.ts";
import "./lab-detail.css";

const shownEvents = 30;

export function LabDetail({ lab }: { lab: LabStatus }) {
	const { busy, ask } = useLabRequest();
	const seconds = useSignal<number>(usualFaultSeconds);
	const logsOf = useSignal<string | null>(null);
	const asked = useSignal<"down" | "reset" | null>(null);
	const { name } = lab;
	const up = lab.state === "up";
	const faults = lab.nodes.filter((node) => node.fault !== undefined);
	return (
		<>
			<header class="lab-detail__head">
				<h2>{name}</h2>
				<EnvironmentBadge environment="lab" />
				{!up && <LabState state={labState(lab)} announced />}
				<span class="lab-detail__actions">
					<Button disabled={lab.nodes.length === 0} onClick={() => (logsOf.value = lab.nodes[0]?.name ?? null)}>
						Logs
					</Button>
					<Button
						disabled={!up || busy.value !== null || faults.length === 0}
						title={faults.length === 0 ? "No fault lasts" : undefined}
						onClick={() => void ask("heal", "lab.heal", { name })}
					>
						{busy.value === "heal" ? "Healing …" : "Heal all"}
					</Button>
					<Button disabled={!up || busy.value !== null} onClick={() => (asked.value = "reset")}>
						{busy.value === "reset" ? "Resetting …" : "Reset"}
					</Button>
					<Button disabled={busy.value !== null} onClick={() => (asked.value = "down")}>
						{busy.value === "down" ? "Going down …" : "Down"}
					</Button>
				</span>
			</header>
			{lab.state === "failed" && (
				<ProblemNote
					problem={problem(lab.isSilent ? "lab-silent" : "lab-start-failed", lab.detail ?? "It did not say why.")}
				/>
			)}
			{(up || lab.probes.length > 0) && <ProbePanel lab={lab} />}
			{lab.nodes.length > 0 && (
				<LabSection
					title="Nodes"
					beside={
						<SmallSelect
							label="a fault lasts"
							value={seconds.value}
							options={faultChoices}
							words={(choice) => durationWords(choice * 1000)}
							choose={(choice) => (seconds.value = choice)}
							after="and heals itself"
						/>
					}
				>
					<div class="lab-nodes">
						{lab.nodes.map((node) => (
							<NodeCard
								key={node.name}
								lab={name}
								node={node}
								enabled={up}
								seconds={seconds.value}
								log={() => (logsOf.value = node.name)}
							/>
						))}
					</div>
				</LabSection>
			)}
			{lab.events.length > 0 && (
				<LabSection title="Lately" beside={<span class="faint">UTC</span>}>
					<ol class="lab-events">
						{lab.events
							.slice(-shownEvents)
							.reverse()
							.map((event, i) => (
								<li key={`${event.at} ${i}`}>
									<time class="mono faint" dateTime={event.at}>
										{utcClock(event.at)}
									</time>
									<Icon
										name={
											event.type?.startsWith("fault.injected")
												? "alert"
												: event.type === "master.changed"
													? "network"
													: "circle-dot"
										}
										size={13}
									/>
									<span>{event.text}</span>
								</li>
							))}
					</ol>
				</LabSection>
			)}
			{logsOf.value !== null && (
				<LogsDialog
					lab={lab}
					node={logsOf.value}
					choose={(node) => (logsOf.value = node)}
					onClose={() => (logsOf.value = null)}
				/>
			)}
			{asked.value !== null && (
				<Sure
					what={asked.value}
					name={name}
					onClose={() => (asked.value = null)}
					go={() => {
						const what = asked.value as "down" | "reset";
						asked.value = null;
						void ask(what, `lab.${what}`, { name });
					}}
				/>
			)}
		</>
	);
}

function Sure({
	what,
	name,
	go,
	onClose,
}: {
	what: "down" | "reset";
	name: string;
	go: () => void;
	onClose: () => void;
}) {
	const down = what === "down";
	return (
		<Dialog
			title={down ? `Take ${name} down?` : `Reset ${name}?`}
			onClose={onClose}
			footer={
				<>
					<Button onClick={onClose}>Keep it</Button>
					<Button kind="danger" onClick={go}>
						{down ? "Take it down" : "Reset it"}
					</Button>
				</>
			}
		>
			<p>
				{down
					? "Every process of it ends, and its data, logs and journals of probes are deleted. A session that uses it will not reach it any more."
					: "Every process ends and starts anew with the original roles and data. Faults are gone, probes stop, what was written is deleted."}
			</p>
		</Dialog>
	);
}
