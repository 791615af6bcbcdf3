import type { z } from "zod";
import type { JsonObject } from "../core/json.ts";
import type { LabKindStatus } from "../core/lab.ts";
import type { AnyTargetKind, Target, TargetHost } from "../targets/target-kind.ts";
import type { ProbeKind, TargetProbe } from "../targets/target-probe.ts";

/** One process of a lab. */
export interface LabNode {
	name: string;
	/** What it is by design: `data`, `sentinel`. What it is at the moment, the topology says. */
	duty: string;
	address: string;
	port: number;
	/** Program and arguments; no secret among them. */
	file: string;
	args: string[];
}

/** What a topology needs of its supervisor to bring its nodes up. */
export interface LabStarter {
	/** Starts a node's process; throws when it ends at once. */
	start(node: LabNode): Promise<void>;
	/** Aborts when the lab is taken down meanwhile, or a node ends. */
	signal: AbortSignal;
}

/** A lab's cluster as it shall be: its processes, their files, and the target that speaks to it. */
export interface LabCluster {
	nodes: LabNode[];
	target: Target;
	/** The target as runledger.yaml would write it, credentials by file. */
	targetYaml: JsonObject;
	/** Once: secrets and certificates. */
	prepare(): Promise<void>;
	/** Each time before a start from nothing: configuration files and, after the first time, the original data. */
	lay(): Promise<void>;
	/** Starts the nodes in the right order and resolves when the cluster is whole. */
	start(starter: LabStarter): Promise<void>;
	/** Once, after the first start: writes some data and keeps it for `lay`. */
	seed(): Promise<void>;
	startProbe(options: {
		kind: ProbeKind;
		id: string;
		journal: string;
		perSecond?: number;
		followsSentinel?: boolean;
	}): Promise<TargetProbe>;
}

/** What a topology gets handed in. */
export interface LabSurroundings {
	host: TargetHost;
	monotonic: () => number;
	/** Between 0 and 1. */
	random: () => number;
	/** The variable PATH. */
	path: string;
}

/** A kind of lab: one folder. */
export interface LabTopology<Options = any> {
	kind: string;
	title: string;
	description: string;
	options: z.ZodType<Options>;
	/** How many ports a lab with these options takes. */
	portsNeeded(options: Options): number;
	/** What it needs of this machine and whether that is here. */
	needs(options: Options, path: string): LabKindStatus["needs"];
	targetKind: AnyTargetKind;
	/** Plans a lab in `dir`. Touches nothing. */
	plan(lab: { name: string; dir: string; options: Options; ports: number[] }, around: LabSurroundings): LabCluster;
}
