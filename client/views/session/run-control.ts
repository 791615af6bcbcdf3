import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Plan } from "../../../core/plan.ts";
import type { Problem } from "../../../core/problem.ts";
import type { RequestArgument } from "../../../core/protocol.ts";
import type { StepSpec, Unit } from "../../../core/runbook.ts";
import { type Connection, problemOf } from "../../connection/connection.ts";
import type { Toasts } from "../../shell/toasts.ts";
import type { KnownPlan, PlanStore } from "./plan-store.ts";
import { type RunOnEnd, runOnWords } from "./run-on-words.ts";
import type { SessionStore } from "./session-store.ts";
import { settled } from "./settled.ts";
import { unitTitle } from "./unit-title.ts";

/** A run that waits for a deliberate word. */
export interface Confirming {
	unit: string;
	needs: "none" | "key" | "typed";
	/** What was shown and is confirmed. */
	plan: Plan;
	/** Only these lines. */
	selection?: string;
}

/** What runs, what is asked before it, and which unit the keys are about. */
export interface RunControl {
	/** The unit that the keys are about: the one chosen by hand, else the one that runs, else the next. */
	current: ReadonlySignal<Unit | null>;
	/** Chosen by hand; null follows the procedure. */
	chosen: Signal<string | null>;
	confirming: Signal<Confirming | null>;
	/** Units whose plan had moved when they were asked for: what was shown. Until they are asked for again. */
	moved: ReadonlySignal<ReadonlyMap<string, Plan>>;
	/** Whether a unit's plan has moved and nobody has looked at the new one yet: the next press only shows it. */
	mustLook(unit: string): boolean;
	/** The unit that has been asked for and not been answered yet. */
	asking: ReadonlySignal<string | null>;
	runningOn: ReadonlySignal<boolean>;
	/** Why a unit can't be run now, in words; null when it can. */
	refusal(unit: Unit): string | null;
	/** Runs a unit, or asks first where its plan says so. */
	press(unit: Unit): void;
	/** Brings what a unit would run into sight, and never runs it: a press that follows at once does not either. */
	look(unit: Unit): void;
	/** Runs some lines of a step alone; always shows them first. */
	pressSelection(unit: Unit, lines: string): void;
	confirm(typed?: string): void;
	dismiss(): void;
	/** Runs unit after unit until one asks, needs a person or fails; passes over what is not needed. */
	runOn(): void;
	stopRunningOn(): void;
	cancel(): void;
}

interface Parts {
	store: SessionStore;
	plans: PlanStore;
	connection: Connection;
	toasts: Toasts;
	/** Whether this person holds the baton. */
	driving: ReadonlySignal<boolean>;
	/** Whether a step of this type needs a person's answer. */
	needsPerson(type: string): boolean;
	/** Brings a unit before the person: what it asks has the keyboard, unless a hand is busy elsewhere. */
	show(unit: Unit): void;
	/** Whether what a unit would run is in sight, with its nodes; brings it there if it is not. */
	seen(unit: string): boolean;
	/** Puts the keyboard where a running unit waits for its answer; false when it waits for none. */
	answer(unit: Unit): boolean;
	/** Whether all of what a unit would run can be in sight at once. */
	fits(unit: string): boolean;
}

/** Two presses within this time are one: a finger that trembles must not run the next step. */
const pressGuardMs = 350;

export function createRunControl(parts: Parts): RunControl & { dispose(): void } {
	const { store, plans, connection, toasts, driving } = parts;
	const chosen = signal<string | null>(null);
	const confirming = signal<Confirming | null>(null);
	const moved = signal<ReadonlyMap<string, Plan>>(new Map());
	const asking = signal<string | null>(null);
	const runningOn = signal(false);
	let lastPress = 0;
	let saidAt = "";
	let lastBrought = Number.NEGATIVE_INFINITY;
	/** Units whose moved plan was looked at. */
	const looked = signal<ReadonlySet<string>>(new Set());
	/** Units that running on has begun; one that fails then ends it. */
	const tried = new Set<string>();

	const { value: current, stop: stopCurrent } = settled((): Unit | null => {
		const units = store.units.value;
		const byHand = units.find((unit) => unit.name === chosen.value);
		if (byHand) return byHand;
		const active = store.active.value[0];
		return units.find((unit) => unit.steps.includes(active?.step ?? "")) ?? store.next.value;
	});

	function refusal(unit: Unit): string | null {
		const state = store.state.value;
		if (!state) return "The session is being read.";
		if (state.status === "closed") return "The session is closed.";
		if (state.kind === "rehearsal") return "In a rehearsal nothing is executed.";
		if (!driving.value) return "Someone else drives; take the baton first.";
		const active = store.active.value[0];
		if (active) return unit.steps.includes(active.step) ? "It is running." : `${titleOf(active.step)} is running.`;
		if (store.record.value?.ok === false) return "The record can’t be written, so nothing starts.";
		if (connection.line.value.status !== "online") return "There is no line to the server.";
		return null;
	}

	const runs = (unit: Unit) => store.active.peek().some((run) => unit.steps.includes(run.step));
	const titleOf = (step: string) => store.specs.value.get(step)?.title ?? step;

	async function request(asked: Omit<RequestArgument<"run.request">, "session">, shown: Plan): Promise<void> {
		asking.value = asked.unit;
		try {
			await connection.request("run.request", { session: store.session, ...asked });
			// The run's first events came before this answer; what goes on from here must know of them.
			store.flush();
			chosen.value = null;
		} catch (thrown) {
			runningOn.value = false;
			refused(asked, shown, problemOf(thrown));
		} finally {
			asking.value = null;
		}
	}

	function refused(asked: { unit: string; selection?: string | undefined }, shown: Plan, problem: Problem): void {
		const data = problem.data as { now?: Plan; needed?: "key" | "typed" } | undefined;
		if (problem.code === "plan-moved" && data?.now !== undefined && asked.selection === undefined) {
			plans.take(asked.unit, data.now);
			tellMoved(asked.unit, shown);
			return;
		}
		if (problem.code === "confirmation-needed" && data?.needed !== undefined) {
			confirming.value = { unit: asked.unit, needs: data.needed, plan: shown };
			return;
		}
		const unit = store.units.peek().find(({ name }) => name === asked.unit);
		toasts.problem(unit ? told(unit, problem) : problem);
	}

	/** A problem with the step that it is about, for words that do not stand in its card. */
	function told(unit: Unit, problem: Problem): Problem {
		return { ...problem, detail: `${unitTitle(unit, store.specs.peek())}: ${problem.detail}` };
	}

	function guard(): boolean {
		const now = performance.now();
		if (now - lastPress < pressGuardMs) return false;
		lastPress = now;
		return asking.peek() === null;
	}

	/** What runs has been in sight: a press from elsewhere only brings it there, and so does the one right after it. */
	function seen(unit: string): boolean {
		const now = performance.now();
		if (now - lastBrought < pressGuardMs) return false;
		if (parts.seen(unit)) return true;
		lastBrought = now;
		return false;
	}

	async function press(unit: Unit): Promise<void> {
		const refusedFor = refusal(unit);
		if (refusedFor !== null) {
			// What waits for this person is answered, not told.
			if (!driving.peek() || !runs(unit) || !parts.answer(unit)) toasts.show(refusedFor);
			return;
		}
		if (!guard()) return;
		if (mustLook(unit.name)) {
			look(unit.name);
			return;
		}
		if (!seen(unit.name)) return;
		const known = plans.of(unit.name).peek();
		if (!known?.plan) {
			// Nothing was shown yet, so nothing is run: show it first.
			const read = await plans.read(unit.name);
			if (read.problem) toasts.problem(told(unit, read.problem));
			return;
		}
		forgetMoved(unit.name);
		begin(unit, known);
	}

	function begin(unit: Unit, { plan, confirmation }: KnownPlan): void {
		if (!plan) return;
		chosen.value = unit.name;
		// Of a group that is taller than the window the question shows what could not be read at once.
		const reads = confirmation === "none" && (!unit.group || parts.fits(unit.name));
		if (reads) void request({ unit: unit.name, planDigest: plan.digest, confirmation }, plan);
		else confirming.value = { unit: unit.name, needs: confirmation, plan };
	}

	function tellMoved(unit: string, shown: Plan): void {
		const seenBefore = new Set(looked.peek());
		seenBefore.delete(unit);
		looked.value = seenBefore;
		moved.value = new Map(moved.peek()).set(unit, shown);
	}

	function mustLook(unit: string): boolean {
		const was = moved.value.get(unit);
		const now = plans.of(unit).value?.plan;
		return was !== undefined && was.digest !== now?.digest && !looked.value.has(unit);
	}

	/** Shows what a unit would run; of a plan that has moved, the new one is looked at from then on. */
	function look(unit: string): void {
		const isNew = mustLook(unit);
		if (isNew) looked.value = new Set(looked.peek()).add(unit);
		// Also when it was in sight: the press that shows it is not the one that runs it.
		if (!seen(unit) || isNew) lastBrought = performance.now();
	}

	function forgetMoved(unit: string): void {
		if (!moved.peek().has(unit)) return;
		const next = new Map(moved.peek());
		next.delete(unit);
		moved.value = next;
	}

	/** Goes on when nothing runs: the next unit, when it may run without a word. */
	async function goOn(): Promise<void> {
		const unit = store.next.peek();
		const why = unit ? refusal(unit) : "All steps are done.";
		if (!unit || why !== null) {
			runningOn.value = false;
			if (why !== null) toasts.show(why);
			return;
		}
		const specs = unit.steps.map((name) => store.specs.peek().get(name)).filter((s): s is StepSpec => s !== undefined);
		if (specs.some((spec) => spec.excludeFromRunAll)) return endRunningOn("left-out", unit);
		const { plan, confirmation, unneeded } = await plans.read(unit.name);
		if (!runningOn.peek()) return;
		if (!plan) return endRunningOn("unplanned", unit);
		const asked = { unit: unit.name, planDigest: plan.digest, confirmation: "none" } as const;
		// It looks again when it would run: what is needed by then is refused, and asks here the next time round.
		if (unneeded) return request({ ...asked, passOver: true }, plan);
		if (confirmation !== "none") return endRunningOn("confirm", unit);
		await request(asked, plan);
		// One that needs a person is begun, so that its question stands open; that is the end of running on.
		const asks = specs.some((spec) => parts.needsPerson(spec.type));
		const begun = store.active.peek().some((run) => unit.steps.includes(run.step));
		if (asks && begun && runningOn.peek()) endRunningOn("person", unit);
	}

	function endRunningOn(end: RunOnEnd, unit: Unit): void {
		runningOn.value = false;
		toasts.show(runOnWords(end, unitTitle(unit, store.specs.peek())));
		parts.show(unit);
	}

	// What was said of a state is over when another step is next, or something is asked.
	const stopSaying = effect(() => {
		const at = `${confirming.value?.unit ?? ""} ${store.active.value.map((run) => run.run).join()}`;
		if (at !== saidAt && !runningOn.peek()) toasts.moveOn();
		saidAt = at;
	});
	const stopGoingOn = effect(() => {
		if (!runningOn.value || asking.value !== null || store.active.value.length > 0) return;
		const state = store.state.peek();
		const next = store.next.value;
		const last = next?.steps
			.map((step) => state?.steps[step]?.status)
			.find((s) => s === "failed" || s === "lost" || s === "cancelled");
		// Only what ended while running on stops it; a step that had failed before is tried again.
		if (next && last !== undefined && tried.has(next.name)) return endRunningOn(last, next);
		if (next) tried.add(next.name);
		void goOn();
	});
	// What asks to be confirmed is about this moment: it goes when somebody else starts something, or drives.
	const stopAsking = effect(() => {
		const over = store.active.value.length > 0 || !driving.value;
		if (over && confirming.peek() !== null) confirming.value = null;
	});

	// What is asked is about the plan that was shown: when that moves under it, the question goes and the change stands there.
	let besideAsked: { asked: Confirming; digest: string | undefined } | null = null;
	const stopMoved = effect(() => {
		const asked = confirming.value;
		if (asked === null) {
			besideAsked = null;
			return;
		}
		const known = plans.of(asked.unit).value;
		const now = known?.plan ?? null;
		if (besideAsked?.asked !== asked) {
			// Lines alone have a plan of their own; the whole step's tells that the ground has moved.
			besideAsked = { asked, digest: asked.selection === undefined ? asked.plan.digest : now?.digest };
		}
		if (now === null ? !known?.problem : now.digest === besideAsked.digest) return;
		confirming.value = null;
		if (asked.selection !== undefined) toasts.show("Not run: the plan has moved since it was shown. Look again.");
		else tellMoved(asked.unit, asked.plan);
	});

	return {
		current,
		chosen,
		confirming,
		moved,
		asking,
		runningOn,
		refusal,
		press: (unit) => void press(unit),
		mustLook,
		look(unit) {
			guard();
			look(unit.name);
		},
		async pressSelection(unit, lines) {
			const refusedFor = refusal(unit);
			if (refusedFor !== null) {
				toasts.show(refusedFor);
				return;
			}
			const read = await plans.read(unit.name, lines);
			if (read.problem) toasts.problem(told(unit, read.problem));
			else if (read.plan) {
				confirming.value = { unit: unit.name, needs: read.confirmation, plan: read.plan, selection: lines };
			}
		},
		confirm(typed) {
			const asked = confirming.peek();
			if (!asked || asking.peek() !== null) return;
			// Lines alone stand beside the question.
			if (asked.selection === undefined && !seen(asked.unit)) return;
			confirming.value = null;
			const { unit, needs, plan, selection } = asked;
			void request(
				{
					unit,
					planDigest: plan.digest,
					confirmation: needs,
					...(typed === undefined ? {} : { typed }),
					...(selection === undefined ? {} : { selection }),
				},
				plan,
			);
		},
		dismiss() {
			confirming.value = null;
		},
		runOn() {
			const unit = store.next.peek();
			const refusedFor = unit ? refusal(unit) : "All steps are done.";
			if (refusedFor !== null) {
				toasts.show(refusedFor);
				return;
			}
			tried.clear();
			chosen.value = null;
			runningOn.value = true;
		},
		stopRunningOn() {
			runningOn.value = false;
		},
		cancel() {
			runningOn.value = false;
			for (const run of store.active.peek()) {
				if (run.cancelRequested === true) continue;
				connection
					.request("run.cancel", { session: store.session, run: run.run })
					.catch((thrown) => toasts.problem(problemOf(thrown)));
			}
		},
		dispose() {
			stopGoingOn();
			stopAsking();
			stopSaying();
			stopMoved();
			stopCurrent();
		},
	};
}
