/* What a fault costs: each probe's figures and its last minute as a chart, and the switches that start and stop them. */
import type { LabStatus, ProbeResult } from "../../../core/lab.ts";
import { Button } from "../../components/button.tsx";
import { useApp } from "../../shell/app-context.ts";
import { durationWords } from "../../words/duration-words.ts";
import { LabSection } from "./lab-section.tsx";
import { ProbeChart } from "./probe-chart.tsx";
import { chartMarks, chartStretch, gapWords, probeEnd, probeGaps, probeSeries } from "./probe-series.ts";
import { useLabRequest } from "./use-lab-request.ts";
import "./probe-panel.css";

const kinds = [
	{ kind: "client", title: "Client probe", about: "stays connected and writes, as an application does" },
	{ kind: "oracle", title: "Oracle probe", about: "looks the master up anew for every write" },
] as const;

export function ProbePanel({ lab }: { lab: LabStatus }) {
	const { busy, ask } = useLabRequest();
	const of = (kind: ProbeResult["kind"]) => lab.probes.find((probe) => probe.kind === kind);
	const toggle = (kind: ProbeResult["kind"]) => {
		const on = of(kind)?.running !== true;
		void ask(kind, "lab.probe", { name: lab.name, kind, on });
	};
	return (
		<LabSection
			title="Probes"
			beside={
				<span class="lab-probes__switches">
					{kinds.map(({ kind, title, about }) => {
						const running = of(kind)?.running === true;
						return (
							<Button
								key={kind}
								size="small"
								icon={running ? "square" : "play"}
								title={about}
								pressed={running}
								disabled={lab.state !== "up" || busy.value !== null}
								onClick={() => toggle(kind)}
							>
								{busy.value === kind ? `${title} …` : running ? `Stop the ${kind}` : title}
							</Button>
						);
					})}
				</span>
			}
		>
			{lab.probes.length === 0 && (
				<p class="muted lab-probes__none">
					No probe writes. A probe writes numbered records all along: what a fault costs is measured by it, the longest
					stretch without an acknowledged write (RTO) and the acknowledged writes that are missing afterwards. The
					client stays connected as an application does; the oracle looks the master up anew for every write.
				</p>
			)}
			{kinds.map(({ kind, title, about }) => {
				const probe = of(kind);
				return probe && <ProbeView key={kind} probe={probe} lab={lab} title={title} about={about} />;
			})}
		</LabSection>
	);
}

function ProbeView({ probe, lab, title, about }: { probe: ProbeResult; lab: LabStatus; title: string; about: string }) {
	const { clock } = useApp();
	const now = clock.now.value;
	const gaps = probeGaps(probe, now);
	const end = probe.running ? now : probeEnd(probe);
	const stretch = chartStretch(probe, end, gaps);
	const series = probeSeries(probe, end, gaps, stretch);
	const count = (n: number) => n.toLocaleString("en-GB");
	const longest = gaps.find((gap) => gap.exact);
	return (
		<div class="lab-probe">
			<p class="lab-probe__title">
				<strong>{title}</strong> <span class="muted">{about}</span>
				{!probe.running && <span class="muted"> · stopped</span>}
			</p>
			<dl class="lab-figures">
				<div>
					<dt>{longest?.open ? "without a write, still" : longest ? "RTO, longest without a write" : "RTO"}</dt>
					<dd class={longest?.open ? "lab-figures__bad" : ""}>{longest ? gapWords(longest) : "no gap yet"}</dd>
				</div>
				<div>
					<dt>{probe.lost === null ? "acknowledged; lost are counted last" : "acknowledged writes lost"}</dt>
					<dd class={probe.lost !== null && probe.lost > 0 ? "lab-figures__bad" : ""}>
						{probe.lost === null ? count(probe.acknowledged) : `${count(probe.lost)} of ${count(probe.acknowledged)}`}
					</dd>
				</div>
				<div>
					<dt>{probe.running ? "acknowledged now" : "was wanted a second"}</dt>
					<dd>{probe.running ? `${series.now ?? 0} /s` : `${probe.perSecond} /s`}</dd>
				</div>
				{probe.indeterminate > 0 && (
					<div>
						<dt>unanswered, may have happened</dt>
						<dd>{count(probe.indeterminate)}</dd>
					</div>
				)}
			</dl>
			<ProbeChart
				series={series}
				gaps={gaps}
				running={probe.running}
				marks={chartMarks(lab.events, end, stretch)}
				label={`${title}: acknowledged writes a second over ${durationWords(stretch * 1000)}, ${probe.running ? "now" : "at its end"} ${series.now ?? 0}${longest ? `, longest gap ${gapWords(longest)}` : ""}`}
			/>
		</div>
	);
}
