import { type Problem, ProblemError } from "../core/problem.ts";
import type { TargetSummary } from "../core/protocol.ts";
import type { AnyTargetKind, Target } from "../targets/target-kind.ts";
import { labTargets } from "./config-targets.ts";

/** Labs come and go without a word to this process: what is older than this, in milliseconds, is read again. */
const freshMs = 250;

/** The clusters that can be named now: configured ones, and those of the labs that are up. */
export class TargetDirectory {
	readonly #configured: readonly Target[];
	readonly #dataFolder: string;
	readonly #kinds: readonly AnyTargetKind[];
	readonly #monoMs: () => number;
	readonly #told: (problem: Problem) => void;
	#readAt = Number.NEGATIVE_INFINITY;
	readonly #listeners = new Set<() => void>();
	#all: Target[] = [];
	#known: string | null = null;
	#lastProblems = "";

	/** `told` gets each problem of a lab's file once. */
	constructor(parts: {
		configured: readonly Target[];
		dataFolder: string;
		kinds: readonly AnyTargetKind[];
		monoMs: () => number;
		told: (problem: Problem) => void;
	}) {
		this.#configured = parts.configured;
		this.#dataFolder = parts.dataFolder;
		this.#kinds = parts.kinds;
		this.#monoMs = parts.monoMs;
		this.#told = parts.told;
	}

	/** All of them, by name. A configured cluster goes before a lab of the same name: a lab never takes a real one's place. */
	all(): readonly Target[] {
		if (this.#monoMs() - this.#readAt < freshMs) return this.#all;
		this.#readAt = this.#monoMs();
		const labs = labTargets(this.#dataFolder, this.#kinds);
		const problems = JSON.stringify(labs.problems);
		if (problems !== this.#lastProblems) for (const problem of labs.problems) this.#told(problem);
		this.#lastProblems = problems;
		const names = new Set(this.#configured.map((target) => target.name));
		this.#all = [...this.#configured, ...labs.targets.filter((target) => !names.has(target.name))].sort((a, b) =>
			a.name < b.name ? -1 : 1,
		);
		const known = JSON.stringify(this.#all);
		const isOther = this.#known !== null && this.#known !== known;
		this.#known = known;
		if (isOther) for (const listener of this.#listeners) listener();
		return this.#all;
	}

	/** One with the kind that speaks to it; null when there is none of this name. */
	find(name: string): { target: Target; kind: AnyTargetKind } | null {
		const target = this.all().find((one) => one.name === name);
		const kind = target && this.#kinds.find((one) => one.kind === target.kind);
		return target && kind ? { target, kind } : null;
	}

	/** Throws `bad-request` when a lab of this name would stand behind a configured cluster. */
	refuseLabName(name: string): void {
		if (this.#configured.some((target) => target.name === name)) {
			throw new ProblemError("bad-request", `\`${name}\` is a configured target; give the lab another name.`);
		}
	}

	summaries(): TargetSummary[] {
		return this.all().map(({ name, kind, environment }) => ({ name, kind, environment }));
	}

	/** Reads the labs anew. */
	refresh(): void {
		this.#readAt = Number.NEGATIVE_INFINITY;
		this.all();
	}

	/** Calls back when a cluster has come, gone or moved, as soon as that is read; returns the way to stop. */
	follow(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}
