import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ProbeResult } from "../core/lab.ts";
import { ProblemError } from "../core/problem.ts";
import type { ProbeKind, TargetProbe } from "../targets/target-probe.ts";
import type { LabCluster } from "./lab-topology.ts";

/** A lab's probes, at most one of each kind; one that has ended keeps its figures until the next. */
export class ProbeDesk {
	readonly #probes = new Map<ProbeKind, TargetProbe>();
	readonly #folder: string;
	readonly #tell: (type: string, text: string) => void;
	#started = 0;

	/** `folder`: where the journals go. */
	constructor(folder: string, tell: (type: string, text: string) => void) {
		this.#folder = folder;
		this.#tell = tell;
	}

	results(): ProbeResult[] {
		return [...this.#probes.values()].map((probe) => probe.result());
	}

	/** Notes a moment in the journals of those that write. */
	mark(what: string): void {
		for (const probe of this.#probes.values()) if (probe.result().running) probe.mark(what);
	}

	async start(
		cluster: LabCluster,
		kind: ProbeKind,
		options: { perSecond?: number | undefined; followsSentinel?: boolean | undefined },
	): Promise<ProbeResult> {
		if (this.#probes.get(kind)?.result().running) {
			throw new ProblemError("bad-request", `The ${kind} probe runs already.`);
		}
		mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
		const id = `${kind}-${++this.#started}`;
		const probe = await cluster.startProbe({
			kind,
			id,
			journal: join(this.#folder, `${id}.jsonl`),
			...(options.perSecond !== undefined && { perSecond: options.perSecond }),
			...(options.followsSentinel !== undefined && { followsSentinel: options.followsSentinel }),
		});
		this.#probes.set(kind, probe);
		this.#tell("probe.started", `the ${kind} probe writes`);
		return probe.result();
	}

	async check(kind: ProbeKind): Promise<ProbeResult> {
		return this.#probe(kind).check();
	}

	async stop(kind: ProbeKind): Promise<ProbeResult> {
		const probe = this.#probe(kind);
		if (!probe.result().running) return probe.result();
		const result = await probe.stop();
		const lost = result.lost === null ? "lost writes unknown, no master answers" : `${result.lost} lost`;
		this.#tell("probe.stopped", `the ${kind} probe has ended: ${result.acknowledged} acknowledged, ${lost}`);
		return result;
	}

	async stopAll(): Promise<void> {
		await Promise.all([...this.#probes.keys()].map((kind) => this.stop(kind)));
	}

	#probe(kind: ProbeKind): TargetProbe {
		const probe = this.#probes.get(kind);
		if (!probe) throw new ProblemError("bad-request", `No ${kind} probe was started.`);
		return probe;
	}
}
