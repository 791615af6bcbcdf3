/* One step inside a unit's card: its head, what will run, what runs, what came of it. Folded to one line when it is done. */
import { useComputed } from "@preact/signals";
import { attemptsUpTo, type StepState } from "../../../../core/session-state.ts";
import { Age } from "../../../components/age.tsx";
import { Badge, RiskChip } from "../../../components/badge.tsx";
import { CopyButton } from "../../../components/copy-button.tsx";
import { Icon } from "../../../components/icon.tsx";
import { StateMark, stateMarks } from "../../../components/state-mark.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { pageAddress } from "../../../shell/router.ts";
import { durationWords } from "../../../words/duration-words.ts";
import { runTookMs } from "../../../words/run-took.ts";
import { knownValues } from "../known-values.ts";
import { OutputText } from "../output/output-text.tsx";
import { contentText } from "../parse-content.ts";
import { useSession } from "../session-context.ts";
import { planOfRun } from "../waiting-for-keys.ts";
import { asksPerson } from "./asks-person.ts";
import { NextMark } from "./next-mark.tsx";
import { isOver, wasPassed } from "./shown-state.ts";
import { SentCommands, StepChecks, StepProblem } from "./step-checks.tsx";
import { StepExpectations, StepPreview } from "./step-preview.tsx";
import { StepResult } from "./step-result.tsx";
import { StepRunning } from "./step-running.tsx";
import { StepTarget } from "./step-target.tsx";
import { TopologyBeforeAfter } from "./topology-before-after.tsx";
import { useStep } from "./use-step.ts";
import { WhatRan } from "./what-ran.tsx";
import "./step-section.css";

export function StepSection({
	name,
	unit,
	next,
	alone,
	latest,
	sums,
	offered,
}: {
	name: string;
	unit: string;
	/** It is to be done next, or belongs to what is. */
	next: boolean;
	/** The card is of this step alone. */
	alone: boolean;
	/** Nothing has begun since it ended: it stands open. */
	latest: boolean;
	/** It ran last of its unit: what the unit did to the cluster, and who confirmed it, stands here. */
	sums: boolean;
	/** Its unit's card has Run: what that would do stands here, folded or not. */
	offered: boolean;
}) {
	const { store, opened, arriving, typedInto } = useSession();
	const { spec, step, run, shown, plan } = useStep(name, unit);
	const held = useComputed(() => typedInto.value.has(run.value?.run ?? ""));
	const known = useComputed(() => knownValues(store.values.value));
	const byHand = useComputed(() => opened.value.get(name));
	if (!spec.value || !step.value) return null;
	const state = shown.value;
	const over = isOver(state);
	// Not a computed: that would not hear of `latest`, which is no signal.
	const open = held.value || (byHand.value ?? (latest || !wasPassed(state)));
	const begun = run.value?.status === "started" || held.value || arriving.value.has(run.value?.run ?? "");
	// Of a group only what has begun says so: all of its steps are asked for at once.
	const running = begun || (alone && state === "requested");
	const toggle = () => {
		const changed = new Map(opened.peek());
		changed.set(name, !open);
		opened.value = changed;
	};
	const edited = step.value.edited !== undefined;
	const again = offered && plan.value && (
		<div class="step__code" data-commands={name}>
			{over && (
				<p class="step__again">{state === "skipped" || state === "not-needed" ? "Run now" : "Run again"}, it does:</p>
			)}
			<StepPreview spec={spec.value} plan={plan.value} known={known.value} about={edited ? "edited" : undefined} />
		</div>
	);
	const added = step.value.added !== undefined;
	return (
		<section class={`step step--${state} ${open ? "" : "step--folded"}`} id={alone ? undefined : name} data-step={name}>
			<header class="step__head">
				{next && alone && state === "idle" ? <NextMark /> : <StateMark state={state} />}
				<h3 class="step__title">
					{over ? (
						<button type="button" class="step__fold" aria-expanded={open} onClick={toggle}>
							{spec.value.title}
						</button>
					) : (
						spec.value.title
					)}
				</h3>
				<span class="step__type mono">{spec.value.type}</span>
				{open && (
					<StepTarget
						spec={spec.value}
						plan={(over && run.value ? planOfRun(run.value) : undefined) ?? plan.value}
						known={over ? undefined : known.value}
					/>
				)}
				{edited && <Badge tone="warn">edited</Badge>}
				{added && <Badge tone="warn">added</Badge>}
				<span class="step__right">
					{over ? (
						<Outcome name={name} unit={unit} />
					) : running || state !== "idle" ? (
						<span class="step__state">{stateMarks[state].word}</span>
					) : (
						// What it may do is known with its plan: before that, nothing is better than a guess.
						alone && plan.value && <RiskChip risk={plan.value.risk} />
					)}
					<span class="step__tools">
						<CopyButton
							label="Copy the command"
							text={() => {
								const shown = (over && run.value ? planOfRun(run.value) : undefined) ?? plan.value;
								return shown?.commands.map((c) => c.text).join("\n") || (spec.value?.body ?? "");
							}}
						/>
						<CopyButton
							icon="link"
							label="Copy a link to this step"
							text={() => location.origin + pageAddress.session(store.session, name)}
						/>
					</span>
				</span>
			</header>
			{!open ? (
				<>
					{state === "skipped" && <SkippedNote skipped={step.value.skipped} />}
					{state === "succeeded" && run.value && <StepProblem run={run.value} />}
					{again}
				</>
			) : over && !held.value ? (
				<>
					<FinishedStep name={name} unit={unit} sums={sums} />
					{again}
				</>
			) : (
				<>
					{!(begun && asksPerson(spec.value.type)) && (
						<div class="step__code" data-commands={name}>
							<StepPreview
								spec={spec.value}
								plan={plan.value}
								known={known.value}
								about={edited ? "edited" : undefined}
							/>
						</div>
					)}
					{running && run.value ? (
						<StepRunning run={run.value} spec={spec.value} />
					) : (
						<StepExpectations spec={spec.value} plan={plan.value} />
					)}
				</>
			)}
		</section>
	);
}

/** `succeeded · 29 ms · 2 m ago`. */
function Outcome({ name, unit }: { name: string; unit: string }) {
	const { personName } = useSession();
	const { step, run, shown } = useStep(name, unit);
	const one = run.value;
	const skipped = step.value?.skipped;
	if (shown.value === "skipped" && skipped !== undefined) {
		return <span class="step__outcome">skipped · {personName(skipped.by)}</span>;
	}
	const tookMs = one === undefined ? null : runTookMs(one);
	const took = tookMs === null ? "" : durationWords(tookMs);
	const unchecked = shown.value === "succeeded" && one?.checked === false && one.exitCode !== null;
	return (
		<span class={`step__outcome step__outcome--${shown.value}`}>
			{stateMarks[shown.value].word}
			{unchecked && ", not checked"}
			{one !== undefined &&
				one.exitCode !== null &&
				one.exitCode !== undefined &&
				one.exitCode !== 0 &&
				`, exit ${one.exitCode}`}
			{took !== "" && ` · ${took}`}
			{one?.finishedAt !== undefined && (
				<span class="step__age">
					{" · "}
					<Age at={one.finishedAt} />
				</span>
			)}
		</span>
	);
}

/** Who passed over it and why: on its card also when that is folded. */
function SkippedNote({ skipped }: { skipped: StepState["skipped"] }) {
	const { personName } = useSession();
	if (skipped === undefined) return null;
	return (
		<p class="step__note">
			{personName(skipped.by)} skipped it: {contentText(skipped.reason)}
		</p>
	);
}

function FinishedStep({ name, unit, sums }: { name: string; unit: string; sums: boolean }) {
	const { store } = useSession();
	const { spec, step, run } = useStep(name, unit);
	const one = run.value;
	if (!spec.value || !step.value) return null;
	const skipped = step.value.skipped;
	if (step.value.status === "skipped" && skipped !== undefined) return <SkippedNote skipped={skipped} />;
	if (!one) return null;
	// What a person answered stands in the result; its recording says the same once more.
	const answered = asksPerson(spec.value.type) && one.result?.content !== undefined;
	return (
		<>
			<StepProblem run={one} />
			<StepResult spec={spec.value} run={one} />
			<WhatRan spec={spec.value} step={step.value} run={one} />
			{one.recording && !answered && <OutputText session={store.session} run={one.run} recording={one.recording} />}
			<SentCommands run={one} />
			<StepChecks run={one} />
			{sums && <TopologyBeforeAfter run={one} />}
			<RunFacts name={name} unit={unit} confirmed={sums && one.confirmation !== "none"} />
		</>
	);
}

function RunFacts({ name, unit, confirmed }: { name: string; unit: string; confirmed: boolean }) {
	const { store, personName } = useSession();
	const { me } = useApp();
	const { run } = useStep(name, unit);
	const one = run.value;
	if (!one) return null;
	const state = store.state.peek();
	const attempt = state ? attemptsUpTo(state, one) : 1;
	const many = attempt > 1;
	const who = me.value?.person === one.requestedBy ? "you" : personName(one.requestedBy);
	const typed = one.inputBytes > 0;
	if (!many && !typed && one.selection === undefined && !confirmed) return null;
	return (
		<p class="step__facts faint">
			{many && <span>attempt {attempt}</span>}
			{confirmed && (
				<span>
					confirmed by {who}
					{one.confirmation === "typed" && ", name typed"}
					{one.confirmation === "flag" && ", by --yes"}
				</span>
			)}
			{one.selection !== undefined && <span>some lines alone</span>}
			{typed && (
				<span>
					<Icon name="terminal" size={13} /> {one.inputBytes} bytes typed
				</span>
			)}
		</p>
	);
}
