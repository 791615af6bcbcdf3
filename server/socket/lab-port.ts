import type { LabKindStatus, LabStatus } from "../../core/lab.ts";

/** What the pages and the command line may do with labs. Each throws ProblemError when refused. */
export interface LabPort {
	kinds(): Promise<LabKindStatus[]>;
	list(): Promise<LabStatus[]>;
	/** `options` of the lab's kind, e.g. `{tls: true}`. */
	up(kind: string, name: string, options?: Record<string, unknown>): Promise<void>;
	down(name: string): Promise<void>;
	reset(name: string): Promise<void>;
	/** Resolves with when it heals by itself, ISO 8601. */
	fault(name: string, fault: "kill" | "stop" | "freeze", node: string, seconds: number | undefined): Promise<string>;
	/** Lets a node's fault last for so many seconds from now on; resolves with when it heals by itself then, ISO 8601. */
	extend(name: string, node: string, seconds: number): Promise<string>;
	/** Mends one node, or all; gives the names of those that were broken. */
	heal(name: string, node: string | undefined): Promise<string[]>;
	probe(name: string, kind: "client" | "oracle", on: boolean): Promise<void>;
	logs(name: string, node: string, lines: number): Promise<string[]>;
}
