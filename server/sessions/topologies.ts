import { type Problem, problem } from "../../core/problem.ts";
import type { Topology } from "../../core/target.ts";
import type { AnyTargetKind, ClusterObserver, Target, TargetHost } from "../../targets/target-kind.ts";

/** A configured cluster with the kind that speaks to it. */
export interface ConfiguredTarget {
	target: Target;
	kind: AnyTargetKind;
}

/**
 * The clusters that are looked at: one observer each, made at first use.
 * `lookup` is asked each time, so that labs may come and go.
 */
export class Topologies {
	readonly #lookup: (name: string) => ConfiguredTarget | null;
	readonly #host: TargetHost;
	readonly #observers = new Map<string, { observer: ClusterObserver; target: Target }>();

	constructor(lookup: (name: string) => ConfiguredTarget | null, host: TargetHost) {
		this.#lookup = lookup;
		this.#host = host;
	}

	configured(name: string): ConfiguredTarget | Problem {
		return this.#lookup(name) ?? problem("target-unknown", `There is no target \`${name}\`.`);
	}

	/** Reads the cluster afresh; a cluster that is down is a topology too. */
	async read(name: string): Promise<Topology | Problem> {
		const configured = this.configured(name);
		if ("code" in configured) return configured;
		return this.#observer(configured).read();
	}

	last(name: string): Topology | null {
		const configured = this.#lookup(name);
		return configured ? this.#observer(configured).last : null;
	}

	/** Follows a cluster until the returned function is called. */
	watch(name: string, listener: (topology: Topology) => void): () => void {
		const configured = this.#lookup(name);
		if (!configured) return () => {};
		return this.#observer(configured).follow(listener);
	}

	async close(): Promise<void> {
		const open = [...this.#observers.values()];
		this.#observers.clear();
		await Promise.allSettled(open.map(({ observer }) => observer.close()));
	}

	#observer({ target, kind }: ConfiguredTarget): ClusterObserver {
		const known = this.#observers.get(target.name);
		// A lab of the same name may have come up anew, with other addresses.
		if (known && JSON.stringify(known.target) === JSON.stringify(target)) return known.observer;
		if (known) void known.observer.close();
		const observer = kind.observe(target, this.#host);
		this.#observers.set(target.name, { observer, target });
		return observer;
	}
}
