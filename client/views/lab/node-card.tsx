/* A node of a lab: what it is, how it is, and what can be done to it. While a fault lasts, the card says when it heals itself. */
import type { LabNodeStatus } from "../../../core/lab.ts";
import { Button } from "../../components/button.tsx";
import { useApp } from "../../shell/app-context.ts";
import { byteWords } from "../../words/count-words.ts";
import { durationWords } from "../../words/duration-words.ts";
import { LabState } from "./lab-state.tsx";
import { faultDone, nodeState, wholeSeconds } from "./lab-words.ts";
import { useLabRequest } from "./use-lab-request.ts";
import "./node-card.css";

const settledAfterMs = 800;

const faults = [
	{ fault: "kill", title: "kill -9: the process is gone at once" },
	{ fault: "freeze", title: "SIGSTOP: it holds its connections and answers nothing" },
	{ fault: "stop", title: "SIGTERM: it says goodbye in order" },
] as const;

export function NodeCard({
	lab,
	node,
	enabled,
	seconds,
	log,
}: {
	lab: string;
	node: LabNodeStatus;
	enabled: boolean;
	seconds: number;
	log: () => void;
}) {
	const { busy, ask } = useLabRequest();
	const state = nodeState(node);
	const { clock } = useApp();
	const idle = enabled && busy.value === null;
	// A second press of the button that broke it must not mend it: for a moment the new ones take none.
	const isSettled = node.fault === undefined || clock.now.value - Date.parse(node.fault.since) > settledAfterMs;
	const broken = node.fault !== undefined || state.tone === "bad" || node.state === "frozen";
	return (
		<article class={`lab-node ${broken ? "lab-node--broken" : ""}`} aria-label={node.name}>
			<header>
				<strong class="mono">{node.name}</strong>
				<LabState state={state} />
			</header>
			<p>
				{node.role} · <span class="mono">{node.address}</span>
			</p>
			<p class="faint">
				{node.pid === null ? "no process" : `pid ${node.pid}`}
				{node.rssBytes !== null && ` · ${byteWords(node.rssBytes)}`}
				{node.restarts !== undefined && node.restarts > 0 && ` · started again ${node.restarts}×`}
			</p>
			<p class="lab-node__fault">
				{node.fault ? <Healing fault={node.fault} /> : node.detail !== undefined ? node.detail : " "}
			</p>
			<footer>
				{broken ? (
					<>
						<Button
							size="small"
							disabled={!idle || !isSettled}
							onClick={() => void ask("heal", "lab.heal", { name: lab, node: node.name })}
						>
							{busy.value === "heal" ? "healing …" : "heal now"}
						</Button>
						{node.fault && (
							<Button
								size="small"
								title={`It lasts ${durationWords(seconds * 1000)} from now on`}
								disabled={!idle || !isSettled}
								onClick={() => void ask("extend", "lab.extend", { name: lab, node: node.name, seconds })}
							>
								extend
							</Button>
						)}
					</>
				) : (
					faults.map(({ fault, title }) => (
						<Button
							key={fault}
							size="small"
							title={title}
							disabled={!idle || node.state !== "up"}
							onClick={() => void ask(fault, "lab.fault", { name: lab, fault, node: node.name, seconds })}
						>
							{fault}
						</Button>
					))
				)}
				<Button size="small" onClick={log}>
					log
				</Button>
			</footer>
		</article>
	);
}

function Healing({ fault }: { fault: NonNullable<LabNodeStatus["fault"]> }) {
	const { clock } = useApp();
	const left = Date.parse(fault.healsAt) - clock.now.value;
	const lasted = clock.now.value - Date.parse(fault.since);
	return (
		<>
			{faultDone(fault.kind)} {wholeSeconds(Math.max(0, lasted))} ago,{" "}
			{left > 0 ? `heals itself in ${wholeSeconds(left + 999)}` : "heals now"}
		</>
	);
}
