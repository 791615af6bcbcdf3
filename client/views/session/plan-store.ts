import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Plan } from "../../../core/plan.ts";
import type { Problem } from "../../../core/problem.ts";
import { type Connection, problemOf } from "../../connection/connection.ts";
import type { SessionStore } from "./session-store.ts";

/** The plan of a unit as the page knows it. */
export interface KnownPlan {
	plan: Plan | null;
	confirmation: "none" | "key" | "typed";
	/** As things stood when it was read, all of it would be passed over as not needed. */
	unneeded: boolean;
	/** Why there is none. */
	problem: Problem | null;
	/** Something that it depends on has changed since, and it is being read anew. */
	stale: boolean;
}

export interface PlanStore {
	of(unit: string): ReadonlySignal<KnownPlan | null>;
	/** Keeps a unit's plan fresh while it is on the screen; the returned function ends that. */
	want(unit: string): () => void;
	/** Reads a unit's plan at this moment. */
	read(unit: string, selection?: string): Promise<KnownPlan>;
	/** Takes a plan that the server has sent, e.g. with a refusal. */
	take(unit: string, plan: Plan): void;
	dispose(): void;
}

const atOnce = 4;

/** Reads plans of what is on the screen, and again when a role, a value or a step's text has changed. */
export function createPlanStore(store: SessionStore, connection: Connection): PlanStore {
	const known = new Map<string, ReturnType<typeof signal<KnownPlan | null>>>();
	const readAt = new Map<string, string>();
	const wanted = new Map<string, number>();
	const reading = new Set<string>();
	let scheduled = false;
	let disposed = false;

	/** Everything outside a unit that its plan may depend on; lag and time are not among it. */
	const ground = computed(() => {
		const roles = [...store.topologies.value.values()].map(({ topology }) => [
			topology.cluster,
			topology.unreachableSince !== undefined,
			topology.disputes.map((d) => d.role),
			topology.members.map((m) => [m.address, m.role, m.id, m.health]),
		]);
		const state = store.state.value;
		const values = Object.values(state?.values ?? {}).reduce((latest, value) => Math.max(latest, value.seq), 0);
		const finished = store.active.value.length > 0 ? "running" : Object.keys(state?.runs ?? {}).length;
		const texts = Object.values(state?.steps ?? {}).map((step) => step.edited?.body.ref ?? "");
		return JSON.stringify([roles, values, finished, texts.join(""), state?.status]);
	});

	function signalOf(unit: string) {
		let one = known.get(unit);
		if (!one) {
			one = signal<KnownPlan | null>(null);
			known.set(unit, one);
		}
		return one;
	}

	async function load(unit: string, selection?: string): Promise<KnownPlan> {
		try {
			const { plan, confirmation, unneeded } = await connection.request("plan.read", {
				session: store.session,
				unit,
				...(selection === undefined ? {} : { selection }),
			});
			return { plan, confirmation, unneeded, problem: null, stale: false };
		} catch (thrown) {
			return { plan: null, confirmation: "none", unneeded: false, problem: problemOf(thrown), stale: false };
		}
	}

	async function refresh(unit: string): Promise<void> {
		const at = ground.peek();
		reading.add(unit);
		const one = signalOf(unit);
		const before = one.peek();
		if (before && !before.stale) one.value = { ...before, stale: true };
		const plan = await load(unit);
		reading.delete(unit);
		if (disposed) return;
		readAt.set(unit, at);
		one.value = plan;
		schedule();
	}

	function schedule(): void {
		if (scheduled || disposed) return;
		scheduled = true;
		setTimeout(() => {
			scheduled = false;
			const at = ground.peek();
			for (const unit of wanted.keys()) {
				if (reading.size >= atOnce) return;
				if (!reading.has(unit) && readAt.get(unit) !== at) void refresh(unit);
			}
		}, 30);
	}

	const stop = effect(() => {
		ground.value;
		if (store.state.value) schedule();
	});
	const readAgain = () => {
		readAt.clear();
		schedule();
	};
	const off = [connection.onReconnect(readAgain), connection.onPush("targets.changed", readAgain)];

	return {
		of: signalOf as PlanStore["of"],
		want(unit) {
			wanted.set(unit, (wanted.get(unit) ?? 0) + 1);
			schedule();
			return () => {
				const left = (wanted.get(unit) ?? 1) - 1;
				if (left === 0) wanted.delete(unit);
				else wanted.set(unit, left);
			};
		},
		async read(unit, selection) {
			const at = ground.peek();
			const plan = await load(unit, selection);
			if (selection === undefined && !disposed) {
				readAt.set(unit, at);
				signalOf(unit).value = plan;
			}
			return plan;
		},
		take(unit, plan) {
			const one = signalOf(unit);
			const confirmation = one.peek()?.confirmation ?? "key";
			one.value = { plan, confirmation, unneeded: false, problem: null, stale: false };
			// What it asks for is the server's word: read it again.
			readAt.delete(unit);
			schedule();
		},
		dispose() {
			disposed = true;
			stop();
			for (const end of off) end();
		},
	};
}
