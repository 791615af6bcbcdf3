import type { z } from "zod";
import type { JsonValue } from "../core/json.ts";
import type { Environment, PlanNode, Topology } from "../core/target.ts";

/** A configured cluster: what `runledger.yaml` says of it, with the kind's own part parsed. */
export interface Target<Config = unknown> {
	/** The cluster's name. */
	name: string;
	kind: string;
	environment: Environment;
	/** Nobody has said its environment: the machine itself, where no configuration names it. */
	isAssumed?: boolean;
	config: Config;
}

/** Where a credential comes from. Never its value: that is read when a connection is made. */
export type SecretSource = { env: string } | { file: string };

/** Reads a credential at the moment of use. Throws `config-invalid` when it is not there. */
export type ReadSecret = (source: SecretSource) => string;

/** What a kind needs of its host; handed in, so that no kind reads a global. */
export interface TargetHost {
	readSecret: ReadSecret;
	now(): Date;
}

/** A live view of one cluster, kept up to date by connections of its own. */
export interface ClusterObserver {
	/** Reads the cluster afresh. Never throws for a cluster that is down: that is a topology too. Bounded by 3 s. */
	read(): Promise<Topology>;
	/** The last topology that was read, or null before the first. */
	readonly last: Topology | null;
	/** Calls back with each topology that is read, at most a few times a second; returns the way to stop. */
	follow(listener: (topology: Topology) => void): () => void;
	close(): Promise<void>;
}

/** A connection to exactly one node. */
export interface NodeConnection {
	close(): Promise<void>;
}

/** A kind of cluster: one folder. `connect` is direct and checks the node's identity; it never follows a failover. */
export interface TargetKind<Config, Connection extends NodeConnection> {
	kind: string;
	/** The role that a reference without one means, if any. */
	defaultRole?: string;
	/** Reads the kind's part of a target's configuration. */
	config: z.ZodType<Config>;
	/** Connects to one node within 5 s; refuses with `node-changed` when it is another one than planned, `target-unreachable` when it does not answer. */
	connect(target: Target<Config>, node: PlanNode, host: TargetHost): Promise<Connection>;
	observe(target: Target<Config>, host: TargetHost): ClusterObserver;
	/** Facts about the cluster that templates may use without a connection, e.g. `masterName`. */
	attributes(target: Target<Config>): Record<string, JsonValue>;
	/** Where the target's credentials come from. */
	credentials?(target: Target<Config>): SecretSource[];
	/** The target's credentials by what they are, to be kept out of the record. One that can't be read now is left out. */
	secrets?(target: Target<Config>, host: TargetHost): Record<string, string>;
}

export type AnyTargetKind = TargetKind<any, any>;
