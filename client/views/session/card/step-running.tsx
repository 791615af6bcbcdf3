/* A step that runs: what it waits for, the form that it asks with, or its live terminal; and how to cancel it. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { JsonValue } from "../../../../core/json.ts";
import type { StepSpec } from "../../../../core/runbook.ts";
import type { RunState } from "../../../../core/session-state.ts";
import { stepViews } from "../../../../steps/client.ts";
import type { StepView } from "../../../../steps/step-view.ts";
import { Button } from "../../../components/button.tsx";
import { Icon } from "../../../components/icon.tsx";
import { problemOf } from "../../../connection/connection.ts";
import { useApp } from "../../../shell/app-context.ts";
import { useDraft } from "../dialogs/use-draft.ts";
import { focusQuestion, isKeyboardFree } from "../focus-unit.ts";
import { readRunMoment } from "../read-run-moment.ts";
import { runMomentWords } from "../run-moment.ts";
import { useSession } from "../session-context.ts";
import { storePicture } from "../store-picture.ts";
import { LiveTerminal } from "../terminal/live-terminal.tsx";
import { asksKeyboard, planOfRun } from "../waiting-for-keys.ts";
import { asksPerson } from "./asks-person.ts";
import "./step-running.css";

/** Milliseconds: shorter runs are over before a terminal or a question would stand. */
const standsAfterMs = 150;

function useIsLate(): boolean {
	const late = useSignal(false);
	useEffect(() => {
		const timer = setTimeout(() => {
			late.value = true;
		}, standsAfterMs);
		return () => clearTimeout(timer);
	}, [late]);
	return late.value;
}

export function StepRunning({ run, spec }: { run: RunState; spec: StepSpec }) {
	const asks = asksPerson(spec.type);
	const begun = run.startedAt !== undefined;
	return (
		<>
			<RunningBar run={run} terminal={begun && !asks} />
			{begun && (asks ? <Asked run={run} spec={spec} /> : <Terminal run={run} spec={spec} />)}
		</>
	);
}

/** Takes no room before it is clear that it asks: one that is found not to be needed is over at once. */
function Asked({ run, spec }: { run: RunState; spec: StepSpec }) {
	return useIsLate() ? <Question run={run} spec={spec} /> : null;
}

function Question({ run, spec }: { run: RunState; spec: StepSpec }) {
	const { store, driving } = useSession();
	const { connection, toasts, me } = useApp();
	const place = useRef<HTMLDivElement>(null);
	const draft = useDraft(`answer ${run.run}`);
	const typed = draft.field<JsonValue>("typed", null);
	const Answer = (stepViews as Record<string, StepView>)[spec.type]?.answer;
	// Who has asked for it by a key goes on by keys: the form has the focus, unless the hand is somewhere else by now.
	useEffect(() => {
		if (!place.current || run.requestedBy !== me.peek()?.person || !isKeyboardFree(place.current)) return;
		focusQuestion(place.current);
	}, [run.run, run.requestedBy, me]);
	if (!Answer) return null;
	return (
		<div class="step__answer" data-keys-form ref={place}>
			<Answer
				spec={spec}
				run={run}
				mayAnswer={driving.value && run.status === "started"}
				answer={async (answers, attachments) => {
					try {
						await connection.request("run.answer", { session: store.session, run: run.run, answers, attachments });
						draft.forget();
					} catch (thrown) {
						toasts.problem(problemOf(thrown));
						throw thrown;
					}
				}}
				draft={typed.peek() ?? undefined}
				keep={(now) => {
					typed.value = now;
					draft.leave();
				}}
				upload={storePicture}
			/>
		</div>
	);
}

/** Takes no room before it stands: what is below does not move for a run that is over at once. */
function Terminal({ run, spec }: { run: RunState; spec: StepSpec }) {
	const { me } = useApp();
	if (!useIsLate()) return null;
	return (
		<LiveTerminal
			run={run.run}
			since={run.startedAt ?? run.requestedAt}
			typing={(stepViews as Record<string, StepView>)[spec.type]?.typing === true}
			takesFocus={run.requestedBy === me.value?.person && asksKeyboard(planOfRun(run))}
		/>
	);
}

function RunningBar({ run, terminal }: { run: RunState; terminal: boolean }) {
	const { store, control, fullScreen, arriving } = useSession();
	const app = useApp();
	// Its last byte is here, and its terminal stays only because somebody types in it.
	const over = useComputed(
		() => store.state.value?.runs[run.run]?.status === "finished" && !arriving.value.has(run.run),
	);
	const moment = readRunMoment(run, store, app, true);
	const turns = !over.value && (moment.kind === "running" || moment.kind === "waiting" || moment.kind === "requested");
	return (
		<div class="running-bar">
			<Icon
				name={over.value ? "square" : moment.kind === "running" ? "loader" : "hourglass"}
				class={turns ? "icon--turning" : ""}
				size={14}
			/>
			<span class="running-bar__words">{over.value ? "ended" : runMomentWords(moment)}</span>
			{terminal && (
				<Button
					size="small"
					kind="quiet"
					icon="maximize"
					keys="f"
					label="Fill the window with the terminal"
					onClick={() => {
						fullScreen.value = run.run;
					}}
				/>
			)}
			{!over.value && (
				<Button size="small" icon="square" keys="." disabled={run.cancelRequested} onClick={() => control.cancel()}>
					Cancel
				</Button>
			)}
		</div>
	);
}
