import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type StepSpec, type Unit, unitsOf } from "../../../core/runbook.ts";
import { sessionEnvironment } from "../../../core/session-environment.ts";
import {
	activeRuns,
	type NoteState,
	nextStep,
	type RunState,
	type SessionState,
	type StepState,
} from "../../../core/session-state.ts";
import type { Environment } from "../../../core/target.ts";
import type { Connection } from "../../connection/connection.ts";
import type { Clock } from "../../shell/clock.ts";
import { type HeardSession, hearSession, type WatchesAs } from "./hear-session.ts";
import { sameItems, settled } from "./settled.ts";
import { specsOf } from "./step-specs.ts";

/** A session as this page shows it: what was heard, and what follows from it. */
export interface SessionStore extends Omit<HeardSession, "chosen"> {
	/** Steps as they stand now: the runbook's with their edits, and those added. */
	specs: ReadonlySignal<ReadonlyMap<string, StepSpec>>;
	units: ReadonlySignal<readonly Unit[]>;
	/** The unit that is to be done next; null when all are done or the session is closed. */
	next: ReadonlySignal<Unit | null>;
	/** Runs that have begun and not ended. */
	active: ReadonlySignal<readonly RunState[]>;
	/** The step whose run ended last. */
	latest: ReadonlySignal<string | null>;
	/** Whether nothing runs. */
	idle: ReadonlySignal<boolean>;
	/** One step, one run: moves when that one does. */
	step(name: string): ReadonlySignal<StepState | undefined>;
	run(id: string): ReadonlySignal<RunState | undefined>;
	notes: ReadonlySignal<readonly NoteState[]>;
	values: ReadonlySignal<SessionState["values"]>;
	/** Where the session stands; null while nothing tells. */
	environment: ReadonlySignal<Environment | null>;
}

/** Follows a session until `dispose`. */
export function followSession(session: string, connection: Connection, clock: Clock, as?: WatchesAs): SessionStore {
	const { chosen, ...heard } = hearSession(session, connection, clock, as);
	const { state, runbook } = heard;
	const stops: (() => void)[] = [];
	function settle<T>(compute: () => T, same?: (before: T, now: T) => boolean): ReadonlySignal<T> {
		const { value, stop } = settled(compute, same);
		stops.push(stop);
		return value;
	}
	const steps = new Map<string, Signal<StepState | undefined>>();
	const runs = new Map<string, Signal<RunState | undefined>>();
	stops.push(
		effect(() => {
			const now = state.value;
			for (const [name, step] of steps) step.value = now?.steps[name];
			for (const [id, run] of runs) run.value = now?.runs[id];
		}),
	);
	/** What changes the text of steps: edits and additions. Names too: one step as it was written is not the same as none yet. */
	const texts = settle(() =>
		Object.values(state.value?.steps ?? {})
			.map((step) => `${step.name} ${step.edited?.body.ref ?? ""}`)
			.join(),
	);
	const specs = computed(() => {
		texts.value;
		const now = state.peek();
		return now && runbook.value ? specsOf(now, runbook.value) : new Map<string, StepSpec>();
	});
	const outline = computed(
		() => state.value?.order.map((name) => `${name}\n${state.value?.steps[name]?.group ?? ""}`).join("\n\n") ?? "",
	);
	const units = computed(() => {
		outline.value;
		const now = state.peek();
		return now ? unitsOf(now.order.map((name) => ({ name, group: now.steps[name]?.group }))) : [];
	});
	const nextName = computed(() => (state.value && state.value.status !== "closed" ? nextStep(state.value) : null));
	const next = settle(() => units.value.find((unit) => unit.steps.includes(nextName.value ?? "")) ?? null);
	const active = settle(() => (state.value ? activeRuns(state.value) : []), sameItems);
	const idle = settle(() => active.value.length === 0);
	const latest = settle(() => latestEnded(state.value));
	const environment = settle(() => (state.value ? sessionEnvironment(state.value, chosen.value) : null));
	const notes = settle((): readonly NoteState[] => state.value?.notes ?? []);

	const latestValue = settle(() =>
		Object.values(state.value?.values ?? {}).reduce((latest, value) => Math.max(latest, value.seq), 0),
	);
	const values = computed((): SessionState["values"] => {
		latestValue.value;
		return state.peek()?.values ?? {};
	});

	return {
		...heard,
		specs,
		units,
		next,
		active,
		latest,
		idle,
		step: (name) => keptSignal(steps, name, () => state.peek()?.steps[name]),
		run: (id) => keptSignal(runs, id, () => state.peek()?.runs[id]),
		notes,
		values,
		environment,
		dispose() {
			for (const stop of stops) stop();
			heard.dispose();
		},
	};
}

function keptSignal<T>(kept: Map<string, Signal<T>>, key: string, now: () => T): ReadonlySignal<T> {
	let one = kept.get(key);
	if (!one) {
		one = signal(now());
		kept.set(key, one);
	}
	return one;
}

function latestEnded(state: SessionState | null): string | null {
	let step: string | null = null;
	let at = "";
	for (const run of Object.values(state?.runs ?? {})) {
		if (run.finishedAt !== undefined && run.finishedAt >= at) {
			at = run.finishedAt;
			step = run.step;
		}
	}
	return step;
}
