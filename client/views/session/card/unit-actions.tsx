/*
 * What can be done with the unit that the keys are about: run, edit, skip; or the question that its risk asks.
 * Where Run stood, the question has Esc: a second press in the same place never confirms.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clustersToName, type StepPlan } from "../../../../core/plan.ts";
import { runPlace } from "../../../../core/run-place.ts";
import type { Unit } from "../../../../core/runbook.ts";
import { stepViews } from "../../../../steps/client.ts";
import { HandedValues } from "../../../../steps/handed-values.tsx";
import type { StepView } from "../../../../steps/step-view.ts";
import { Button } from "../../../components/button.tsx";
import { Icon } from "../../../components/icon.tsx";
import { KeyHint } from "../../../components/key-hint.tsx";
import { problemOf } from "../../../connection/connection.ts";
import { useApp } from "../../../shell/app-context.ts";
import { areCommandsInSight, showCommands } from "../commands-in-sight.ts";
import { knownValues } from "../known-values.ts";
import { planCommands } from "../plan-changes.ts";
import type { Confirming } from "../run-control.ts";
import { useSession } from "../session-context.ts";
import { unitTitle } from "../unit-title.ts";
import { ConfirmList } from "./confirm-list.tsx";
import { planClusters } from "./plan-clusters.ts";
import { PlanMoved } from "./plan-moved.tsx";
import { PlanProblem } from "./plan-problem.tsx";
import { PlannedCommand } from "./planned-command.tsx";
import { runKind } from "./run-kind.ts";
import { SelectedLines } from "./selected-lines.tsx";
import { useCommandsInSight } from "./use-commands-in-sight.ts";
import "./unit-actions.css";

export function UnitActions({ unit, current }: { unit: Unit; current: boolean }) {
	const { store, plans, control, driving } = useSession();
	const known = plans.of(unit.name).value;
	const asked = control.confirming.value;
	const movedFrom = control.moved.value.get(unit.name);
	const plan = known?.plan ?? null;
	if (asked?.unit === unit.name) return <Confirm unit={unit} asked={asked} />;
	return (
		<div class="unit__foot">
			{movedFrom !== undefined && plan && movedFrom.digest !== plan.digest && (
				<PlanMoved shown={movedFrom} now={plan} />
			)}
			{known?.problem && current && (
				<div class="unit__problem">
					<PlanProblem unit={unit.name} problem={known.problem} />
				</div>
			)}
			<div class="unit__actions">
				{driving.value ? <RunButton unit={unit} current={current} /> : <TakeBaton current={current} />}
				<Tools unit={unit} current={current} />
				<SelectedLines unit={unit} />
				<Beside unit={unit} />
			</div>
			{store.record.value?.ok === false && (
				<p class="unit__refused">
					<Icon name="alert" /> The record can’t be written
					{store.record.value.detail ? ` (${store.record.value.detail})` : ""}, so nothing starts.
				</p>
			)}
		</div>
	);
}

function RunButton({ unit, current }: { unit: Unit; current: boolean }) {
	const { plans, control } = useSession();
	const known = plans.of(unit.name).value;
	const plan = known?.plan ?? null;
	const refused = control.refusal(unit);
	const place = plan && runPlace(plan);
	const asking = control.asking.value === unit.name;
	const inSight = useCommandsInSight(unit.name).value;
	const isNew = control.mustLook(unit.name);
	if (plan !== null && (!inSight || isNew)) {
		return (
			<Button
				keys={current ? "Enter" : undefined}
				disabled={refused !== null || asking}
				class="unit__run"
				onClick={() => control.look(unit)}
			>
				{isNew ? "Show what runs now" : "Show what runs"}
			</Button>
		);
	}
	return (
		<Button
			kind={runKind(plan)}
			icon="play"
			keys={current ? "Enter" : undefined}
			disabled={refused !== null || asking || (known?.problem ?? null) !== null || plan === null}
			title={refused ?? known?.problem?.detail}
			class="unit__run"
			onClick={() => control.press(unit)}
		>
			{asking
				? "Asking"
				: plan === null && !known?.problem
					? "Reading the plan"
					: place === null
						? "Run"
						: `Run on ${place}`}
		</Button>
	);
}

function TakeBaton({ current }: { current: boolean }) {
	const { store } = useSession();
	const { connection, toasts } = useApp();
	if (store.state.value?.status === "closed") return null;
	return (
		<Button
			icon="hand"
			keys={current ? "b" : undefined}
			onClick={() =>
				connection
					.request("session.take-baton", { session: store.session })
					.catch((thrown) => toasts.problem(problemOf(thrown)))
			}
		>
			Take the baton
		</Button>
	);
}

function Tools({ unit, current }: { unit: Unit; current: boolean }) {
	const { dialog, driving, store } = useSession();
	const one = unit.steps[0];
	if (!driving.value || one === undefined || store.state.value?.status === "closed") return null;
	return (
		<>
			{!unit.group && (
				<Button
					keys={current ? "e" : undefined}
					onClick={() => {
						dialog.value = { kind: "edit", step: one };
					}}
				>
					Edit
				</Button>
			)}
			<Button
				keys={current ? "s" : undefined}
				onClick={() => {
					dialog.value = { kind: "skip", step: one };
				}}
			>
				Skip
			</Button>
		</>
	);
}

/** `checks again first: ...`, or that the plan is being read anew. */
function Beside({ unit }: { unit: Unit }) {
	const { store, plans } = useSession();
	const known = plans.of(unit.name).value;
	const rechecks = known?.plan?.rechecks.map((r) => store.specs.value.get(r.step)?.title ?? r.step) ?? [];
	return (
		<span class="unit__beside">
			{known?.stale === true && known.plan !== null
				? "reading the plan again"
				: rechecks.length > 0
					? `checks again first: ${rechecks.join(", ")}`
					: ""}
		</span>
	);
}

function Confirm({ unit, asked }: { unit: Unit; asked: Confirming }) {
	const { control, store } = useSession();
	const typed = useSignal("");
	const element = useRef<HTMLDivElement>(null);
	const field = useRef<HTMLInputElement>(null);
	const names = clustersToName(asked.plan);
	const place = runPlace(asked.plan);
	const title = unitTitle(unit, store.specs.value);
	const lists = unit.group && asked.selection === undefined;
	const read = useSignal(!lists);
	useEffect(() => {
		field.current?.focus({ preventScroll: true });
		if (lists) return;
		// The question is taller than what stood there: what it asks about stays in sight.
		const card = element.current?.closest("[data-unit]");
		if (card && !areCommandsInSight(card)) showCommands(card);
	}, [lists]);
	const right = names.includes(typed.value.trim()) && read.value;
	return (
		<div ref={element} class="unit-confirm" role="alertdialog" aria-label={`Confirm ${title}`}>
			{asked.selection !== undefined && (
				<div class="unit-confirm__lines">
					<p>Only these lines; it is recorded as a deviation:</p>
					<div class="step-commands">
						{asked.plan.steps.flatMap(planCommands).map((command, i) => (
							<PlannedCommand key={i} command={command} />
						))}
					</div>
				</div>
			)}
			{lists ? (
				<ConfirmList plan={asked.plan} read={read} />
			) : (
				asked.plan.steps.map((step) => <StepHanded key={step.step} step={step} />)
			)}
			<div class="unit-confirm__row">
				<Button keys="Escape" onClick={() => control.dismiss()}>
					Not now
				</Button>
				{asked.needs === "typed" ? (
					<form
						class="unit-confirm__form"
						onSubmit={(event) => {
							event.preventDefault();
							if (right) control.confirm(typed.value.trim());
						}}
					>
						<label for="confirm-target">
							This <strong>destroys</strong>. Type <code>{names.join(" or ")}</code> to run it
							{place === null ? "" : ` on ${place}`}:
						</label>
						<input
							ref={field}
							id="confirm-target"
							class="input input--mono"
							autocomplete="off"
							spellcheck={false}
							value={typed.value}
							onInput={(event) => {
								typed.value = event.currentTarget.value;
							}}
							onKeyDown={(event) => {
								if (event.key === "Escape") control.dismiss();
							}}
						/>
						<Button type="submit" kind="danger" disabled={!right}>
							Run{place === null ? "" : ` on ${place}`}
						</Button>
					</form>
				) : (
					<>
						<span class="unit-confirm__words">
							{asked.plan.risk === "unknown" ? (
								<>Nobody knows what this changes.</>
							) : asked.plan.risk === "read" ? (
								<>Ready.</>
							) : (
								<>
									This <strong>changes</strong> {planClusters(asked.plan).join(" and ")}.
								</>
							)}{" "}
							{read.value ? (
								<span class="by-key">
									Press <KeyHint keys="y" /> to run it{place === null ? "" : ` on ${place}`}.
								</span>
							) : (
								"Read the list to its end first."
							)}
						</span>
						<Button
							kind={asked.plan.risk === "read" ? "primary" : asked.plan.risk === "unknown" ? "unknown" : "danger"}
							keys="y"
							disabled={!read.value}
							onClick={() => control.confirm()}
						>
							Yes, run{place === null ? "" : ` on ${place}`}
						</Button>
					</>
				)}
			</div>
		</div>
	);
}

/** What a step's program is handed beside its text, as it stands now. */
function StepHanded({ step }: { step: StepPlan }) {
	const { store } = useSession();
	const handed = (stepViews as Record<string, StepView>)[step.type]?.handed?.(step) ?? [];
	if (handed.length === 0) return null;
	return (
		<div class="unit-confirm__handed">
			with <HandedValues handed={handed} known={knownValues(store.values.value)} />
		</div>
	);
}
