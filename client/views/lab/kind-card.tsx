/* A kind of lab: what it needs and whether that is here, and a form of one field that starts it. */
import { useSignal } from "@preact/signals";
import type { LabKindStatus } from "../../../core/lab.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Icon } from "../../components/icon.tsx";
import { ProblemNote } from "../../components/page-state.tsx";
import { LabState } from "./lab-state.tsx";
import { freeName } from "./lab-words.ts";
import { useLabRequest } from "./use-lab-request.ts";
import "./lab-card.css";
import "./kind-card.css";

export function KindCard({
	kind,
	taken,
	starting,
	started,
}: {
	kind: LabKindStatus;
	taken: readonly string[];
	/** Told the name of what is being started, and null when that is over. */
	starting: (name: string | null) => void;
	started: (name: string) => void;
}) {
	const typed = useSignal<string | null>(null);
	const { busy, ask, refused } = useLabRequest({ keeps: true });
	const name = typed.value ?? freeName(taken);
	const start = async () => {
		if (busy.peek() !== null) return;
		starting(name);
		const isUp = await ask("up", "lab.up", { kind: kind.kind, name });
		starting(null);
		if (!isUp) return;
		typed.value = null;
		started(name);
	};
	const missing = kind.needs.filter((need) => need.found === null);
	return (
		<div class="lab-card">
			<span class="lab-card__top">
				<strong>{kind.title}</strong>
				{kind.available ? (
					<span class="muted">ready</span>
				) : (
					<LabState
						state={{
							word: `no ${missing.map((need) => need.name).join(", ")} here`,
							icon: "alert",
							tone: "warn",
						}}
					/>
				)}
			</span>
			<span class="muted">{kind.description}</span>
			<ul class="lab-needs">
				{kind.needs.map((need) => (
					<li key={need.name}>
						<Icon
							name={need.found === null ? "x" : "check"}
							size={14}
							label={need.found === null ? "missing" : "found"}
							class={need.found === null ? "lab-needs__missing" : "lab-needs__found"}
						/>
						<span class="mono">{need.name}</span>
						{need.found !== null ? (
							<span class="faint lab-needs__where">{need.found}</span>
						) : (
							<span class="lab-needs__get">
								get it: <code>{need.install}</code>
								<CopyButton text={need.install} label="Copy the command" />
							</span>
						)}
					</li>
				))}
			</ul>
			{kind.available && (
				<form
					class="lab-start"
					onSubmit={(event) => {
						event.preventDefault();
						void start();
					}}
				>
					<label>
						<span class="sr-only">Name of the new {kind.title}</span>
						<input
							class="input input--mono"
							value={name}
							maxLength={40}
							pattern="[a-z][a-z0-9\-]*"
							title="Lower-case letters, digits and hyphens, a letter first"
							required
							onInput={(event) => {
								typed.value = event.currentTarget.value;
							}}
						/>
					</label>
					<Button type="submit" icon="play" disabled={busy.value !== null}>
						{busy.value === null ? "Start" : "Starting …"}
					</Button>
				</form>
			)}
			{refused.value !== null && (
				<div class="lab-start__refused">
					<ProblemNote problem={refused.value} />
				</div>
			)}
		</div>
	);
}
