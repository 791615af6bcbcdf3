import type { LabEvent } from "../core/lab.ts";
import { ProblemError } from "../core/problem.ts";
import { type FaultKind, faultSeconds } from "./lab-protocol.ts";
import type { NodeProcess } from "./node-process.ts";

/** A fault that lasts. */
export interface LabFault {
	kind: FaultKind;
	node: string;
	since: Date;
	healsAt: Date;
	/** Who injected it, when it shall heal with them. */
	tiedTo: object | null;
}

/** A healing is announced this long before, or at the half of a shorter fault. */
const announcedBeforeMs = 10_000;

/** Breaks nodes for a limited time and mends them again. One fault a node. */
export class FaultDesk {
	readonly faults = new Map<string, LabFault>();
	readonly #timers = new Map<string, NodeJS.Timeout[]>();
	readonly #now: () => Date;
	readonly #tell: (event: LabEvent) => void;

	constructor(now: () => Date, tell: (event: LabEvent) => void) {
		this.#now = now;
		this.#tell = tell;
	}

	/** Injects a fault. Refuses one on a node that does not run. */
	async inject(
		node: NodeProcess,
		kind: FaultKind,
		seconds: number = faultSeconds.usual,
		tiedTo: object | null = null,
	): Promise<LabFault> {
		const name = node.node.name;
		if (!node.running || (kind === "freeze" && node.state === "frozen")) {
			throw new ProblemError("bad-request", `${name} is ${node.state} already.`, {
				next: `Heal it first: \`runledger lab heal ${name}\`.`,
			});
		}
		const since = this.#now();
		const fault: LabFault = { kind, node: name, since, healsAt: later(since, seconds), tiedTo };
		this.#forget(name);
		this.faults.set(name, fault);
		try {
			if (kind === "kill") await node.kill();
			else if (kind === "stop") await node.stop();
			else node.freeze();
		} catch (error) {
			this.#forget(name);
			throw error;
		}
		this.#event("fault.injected", fault, `${name} is ${past[kind]}; it heals by itself at ${clock(fault.healsAt)}`);
		this.#arm(node, fault);
		return fault;
	}

	/** Lets a fault last for `seconds` from now on. */
	extend(node: NodeProcess, seconds: number): LabFault {
		const fault = this.faults.get(node.node.name);
		if (!fault) throw new ProblemError("bad-request", `${node.node.name} has no fault.`);
		fault.healsAt = later(this.#now(), seconds);
		this.#arm(node, fault);
		this.#event("fault.extended", fault, `${fault.node} stays ${past[fault.kind]} until ${clock(fault.healsAt)}`);
		return fault;
	}

	/** Mends a node: starts it when it does not run, wakes it when it is frozen. Gives whether there was anything to mend. */
	async heal(node: NodeProcess, why: string): Promise<boolean> {
		const name = node.node.name;
		const fault = this.faults.get(name);
		this.#forget(name);
		if (node.state === "frozen") node.thaw();
		else if (!node.running) await node.start();
		else return false;
		this.#tell({ at: this.#now().toISOString(), type: "fault.healed", node: name, text: `${name} is back (${why})` });
		return fault !== undefined || node.running;
	}

	/** Heals what was injected over a connection that has ended. */
	async healTied(tiedTo: object, nodeOf: (name: string) => NodeProcess | undefined): Promise<void> {
		for (const fault of [...this.faults.values()].filter((f) => f.tiedTo === tiedTo)) {
			const node = nodeOf(fault.node);
			if (node) await this.heal(node, "who injected the fault is gone");
		}
	}

	/** Forgets all faults, healing none: the lab is taken down or laid anew. */
	clear(): void {
		for (const name of [...this.faults.keys()]) this.#forget(name);
	}

	#arm(node: NodeProcess, fault: LabFault): void {
		for (const timer of this.#timers.get(fault.node) ?? []) clearTimeout(timer);
		const left = Math.max(0, fault.healsAt.getTime() - this.#now().getTime());
		const announce = Math.max(left - announcedBeforeMs, left / 2);
		this.#timers.set(fault.node, [
			setTimeout(() => {
				this.#event("fault.announced", fault, `${fault.node} heals by itself at ${clock(fault.healsAt)}`);
			}, announce),
			setTimeout(() => {
				this.heal(node, "its time was up").catch((error: Error) => {
					this.#event("fault.unhealed", fault, `${fault.node} could not be healed: ${error.message}`);
				});
			}, left),
		]);
	}

	#forget(name: string): void {
		for (const timer of this.#timers.get(name) ?? []) clearTimeout(timer);
		this.#timers.delete(name);
		this.faults.delete(name);
	}

	#event(type: string, fault: LabFault, text: string): void {
		this.#tell({
			at: this.#now().toISOString(),
			type,
			node: fault.node,
			text,
			healsAt: fault.healsAt.toISOString(),
		});
	}
}

const past: Record<FaultKind, string> = { kill: "killed", stop: "stopped", freeze: "frozen" };

function later(from: Date, seconds: number): Date {
	return new Date(from.getTime() + seconds * 1_000);
}

/** `10:02:11 UTC`. */
function clock(at: Date): string {
	return `${at.toISOString().slice(11, 19)} UTC`;
}
