import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { labMarker } from "./lab-folder.ts";
import type { LabNode } from "./lab-topology.ts";
import { type OwnedProcess, signalOwned } from "./owned-process.ts";
import { processPlatform } from "./process-platform.ts";

/** `ended`: by itself, unasked. */
export type NodeState = "down" | "starting" | "up" | "killed" | "stopped" | "frozen" | "ended";

/** Redis waits up to 10 s for its replicas before it obeys SIGTERM (`shutdown-timeout`). */
const stopWithinMs = 12_000;

export interface NodeProcessSurroundings {
	lab: string;
	log: string;
	setpriv: string | null;
	path: string;
	now: () => Date;
	/** Called when the process has ended, asked or not. */
	onEnd: (how: { unasked: boolean; detail: string }) => void;
}

/** One node's process, from start to start. It leads a process group and dies with the supervisor where the system can do that. */
export class NodeProcess {
	readonly node: LabNode;
	readonly log: string;
	state: NodeState = "down";
	since: Date;
	starts = 0;
	detail: string | undefined;
	readonly #around: NodeProcessSurroundings;
	#child: ChildProcess | null = null;
	#owned: OwnedProcess | null = null;
	#ended: Promise<void> = Promise.resolve();

	constructor(node: LabNode, around: NodeProcessSurroundings) {
		this.node = node;
		this.log = around.log;
		this.#around = around;
		this.since = around.now();
	}

	get pid(): number | null {
		return this.#owned?.pid ?? null;
	}

	get running(): boolean {
		return this.#owned !== null;
	}

	/** Starts the process; resolves when it exists, which does not mean that it answers. */
	async start(): Promise<void> {
		if (this.#owned) return;
		const command = processPlatform.dyingWithParent(this.#around.setpriv, this.node.file, this.node.args);
		const log = openSync(this.log, "a", 0o600);
		try {
			const child = spawn(command.file, command.args, {
				cwd: "/",
				env: { PATH: this.#around.path, LANG: "C", [labMarker]: this.#around.lab },
				stdio: ["ignore", log, log],
				detached: true,
			});
			await new Promise<void>((resolve, reject) => {
				child.once("spawn", resolve);
				child.once("error", reject);
			});
			const pid = child.pid ?? 0;
			const startTime = processPlatform.startTime(pid);
			this.starts += 1;
			this.detail = undefined;
			this.#become("up");
			this.#child = child;
			this.#owned = { pid, startTime: startTime ?? "", lab: this.#around.lab };
			this.#ended = new Promise((resolve) => {
				const end = (code: number | null, signal: string | null) => {
					if (this.#child !== child) return;
					this.#child = null;
					this.#owned = null;
					const unasked = this.state === "up" || this.state === "frozen" || this.state === "starting";
					this.detail = unasked ? `ended by itself (${signal ?? `exit code ${code}`})` : undefined;
					if (unasked) this.#become("ended");
					resolve();
					this.#around.onEnd({ unasked, detail: this.detail ?? "" });
				};
				if (child.exitCode !== null || child.signalCode !== null) end(child.exitCode, child.signalCode);
				else child.once("exit", end);
			});
		} finally {
			closeSync(log);
		}
	}

	/** SIGKILL to the process and its children; resolves when it is gone. */
	async kill(): Promise<void> {
		this.#signal("SIGKILL", "killed");
		await this.#ended;
	}

	/** SIGTERM; SIGKILL when it does not obey in time. */
	async stop(): Promise<void> {
		if (this.state === "frozen" && this.#owned) signalOwned(this.#owned, "SIGCONT");
		this.#signal("SIGTERM", "stopped");
		const timer = setTimeout(() => this.#owned && signalOwned(this.#owned, "SIGKILL"), stopWithinMs);
		await this.#ended;
		clearTimeout(timer);
	}

	/** SIGSTOP: it keeps its connections and says nothing. */
	freeze(): void {
		this.#signal("SIGSTOP", "frozen");
	}

	thaw(): void {
		this.#signal("SIGCONT", "up");
	}

	/** Ends it for good, whatever state it is in. */
	async destroy(): Promise<void> {
		if (this.#owned) this.#signal("SIGKILL", "down");
		await this.#ended;
		this.#become("down");
	}

	#signal(signal: NodeJS.Signals, state: NodeState): void {
		if (!this.#owned) return;
		const before = this.state;
		// The state comes first: the process may end before the call returns, and that end is asked for.
		this.#become(state);
		try {
			signalOwned(this.#owned, signal);
		} catch (error) {
			if (this.#owned) {
				this.#become(before);
				throw error;
			}
		}
	}

	#become(state: NodeState): void {
		this.state = state;
		this.since = this.#around.now();
	}
}
