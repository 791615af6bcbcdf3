import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { LabEvent, LabNodeStatus, LabStatus, ProbeResult } from "../core/lab.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import { resolveTarget, type Topology } from "../core/target.ts";
import type { ClusterObserver } from "../targets/target-kind.ts";
import type { ProbeKind } from "../targets/target-probe.ts";
import { FaultDesk } from "./fault-desk.ts";
import { findNode } from "./find-node.ts";
import { findProgram } from "./find-program.ts";
import { freePorts } from "./free-ports.ts";
import { LabFeed } from "./lab-feed.ts";
import { type LabFile, type LabFolder, labFolders, readLabFile } from "./lab-folder.ts";
import type { FaultKind, LabPush, LabReplies } from "./lab-protocol.ts";
import type { LabCluster, LabSurroundings, LabTopology } from "./lab-topology.ts";
import { NodeProcess } from "./node-process.ts";
import { ProbeDesk } from "./probe-desk.ts";
import { processPlatform } from "./process-platform.ts";
import { readTail } from "./read-tail.ts";

/** Ports are free when they are chosen and may be taken when they are used. */
const portTries = 5;

/** Owns one lab: its processes, faults, timers and probes. When it ends, the nodes end. */
export class Supervisor {
	readonly probes: ProbeDesk;
	readonly #folder: LabFolder;
	readonly #file: LabFile;
	readonly #topology: LabTopology;
	readonly #options: unknown;
	readonly #around: LabSurroundings;
	readonly #feed: LabFeed;
	readonly #faults: FaultDesk;
	readonly #setpriv: string | null;
	#cluster: LabCluster | null = null;
	#nodes = new Map<string, NodeProcess>();
	#observer: ClusterObserver | null = null;
	#state: LabStatus["state"] = "starting";
	#detail: string | undefined;
	#since: Date;
	#master: string | null = null;
	#starting: AbortController | null = null;
	#ready: Promise<void> = Promise.resolve();

	constructor(folder: LabFolder, file: LabFile, topology: LabTopology, around: LabSurroundings) {
		this.#folder = folder;
		this.#file = file;
		this.#topology = topology;
		this.#options = topology.options.parse(file.options);
		this.#around = around;
		this.#since = around.host.now();
		this.#setpriv = findProgram("setpriv", around.path);
		this.#feed = new LabFeed(around.host.now, () => this.status());
		this.probes = new ProbeDesk(folder.probes, (type, text) => this.#feed.note(type, text));
		this.#faults = new FaultDesk(around.host.now, (event) => this.#faultTold(event));
	}

	/** Starts the lab. Never rejects: what went wrong is its state. */
	begin(): void {
		this.#ready = this.#up().catch((error: Error) => this.#become("failed", error.message));
	}

	async ready(): Promise<LabReplies["ready"]> {
		await this.#ready;
		if (this.#state !== "up" || !this.#cluster) {
			throw new ProblemError("lab-start-failed", this.#detail ?? `The lab is ${this.#state}.`);
		}
		return { status: this.status(), target: this.#cluster.targetYaml };
	}

	status(): LabStatus {
		return {
			name: this.#folder.name,
			kind: this.#topology.kind,
			state: this.#state,
			...(this.#detail !== undefined && { detail: this.#detail }),
			since: this.#since.toISOString(),
			nodes: [...this.#nodes.values()].map((node) => this.#nodeStatus(node)),
			probes: this.probes.results(),
			events: this.#feed.events,
		};
	}

	async logs(node: string, lines: number): Promise<{ lines: string[] }> {
		return { lines: readTail((await this.#node(node)).log, lines) };
	}

	async fault(kind: FaultKind, node: string, seconds: number | undefined, tiedTo: object | null) {
		this.#mustBeUp();
		const fault = await this.#faults.inject(await this.#node(node), kind, seconds, tiedTo);
		return { node: fault.node, healsAt: fault.healsAt.toISOString() };
	}

	async extend(node: string, seconds: number) {
		const fault = this.#faults.extend(await this.#node(node), seconds);
		return { node: fault.node, healsAt: fault.healsAt.toISOString() };
	}

	async heal(node: string | undefined): Promise<{ healed: string[] }> {
		this.#mustBeUp();
		const nodes = node === undefined ? [...this.#nodes.values()] : [await this.#node(node)];
		const healed: string[] = [];
		for (const one of nodes) if (await this.#faults.heal(one, "healed")) healed.push(one.node.name);
		return { healed };
	}

	/** Heals the faults that came over a connection which has ended. */
	async left(connection: object): Promise<void> {
		await this.#faults.healTied(connection, (name) => this.#nodes.get(name));
	}

	/** The original roles and data again: every process ends, the files are laid anew. Probes are stopped. */
	async reset(): Promise<LabReplies["reset"]> {
		this.#mustBeUp();
		const started = this.#around.monotonic();
		await this.probes.stopAll();
		this.#become("starting");
		this.#ready = this.#again().catch((error: Error) => this.#become("failed", error.message));
		await this.#ready;
		if (this.#state !== "up") throw new ProblemError("lab-start-failed", this.#detail);
		const tookMs = Math.round(this.#around.monotonic() - started);
		this.#feed.note("lab.reset", `original roles and data again, in ${(tookMs / 1_000).toFixed(1)} s`);
		return { status: this.status(), tookMs };
	}

	async startProbe(
		kind: ProbeKind,
		options: { perSecond?: number | undefined; followsSentinel?: boolean | undefined },
	): Promise<ProbeResult> {
		return this.probes.start(this.#mustBeUp(), kind, options);
	}

	/** Calls back with every event, and with the status whenever it changed; returns the way to stop. */
	follow(listener: (push: LabPush) => void): () => void {
		return this.#feed.follow(listener);
	}

	/** Ends every process and removes every file. */
	async down(): Promise<void> {
		this.#become("stopping");
		this.#starting?.abort(new Error("the lab is taken down"));
		await this.#destroyNodes();
		await this.#ready;
		await this.#destroyNodes();
		await this.#observer?.close();
		void this.probes.stopAll().catch(() => {});
		rmSync(this.#folder.dir, { recursive: true, force: true });
	}

	async #up(): Promise<void> {
		const started = this.#around.monotonic();
		mkdirSync(this.#folder.logs, { recursive: true, mode: 0o700 });
		for (let attempt = 1; ; attempt++) {
			const ports = await this.#choosePorts();
			const cluster = this.#topology.plan(
				{ name: this.#folder.name, dir: this.#folder.dir, options: this.#options, ports },
				this.#around,
			);
			this.#cluster = cluster;
			this.#nodes = new Map(cluster.nodes.map((node) => [node.name, this.#nodeProcess(node)]));
			try {
				if (attempt === 1) await cluster.prepare();
				await cluster.lay();
				await this.#start(cluster);
				break;
			} catch (error) {
				await this.#destroyNodes();
				if (attempt === portTries || this.#state === "stopping" || !this.#portWasTaken()) throw error;
			}
		}
		await this.#cluster.seed();
		writeFileSync(
			this.#folder.targets,
			`# Written by \`runledger lab up\`; gone with \`runledger lab down\`.\n${stringify({
				targets: { [this.#folder.name]: this.#cluster.targetYaml },
			})}`,
			{ mode: 0o600 },
		);
		this.#watch();
		this.#become("up");
		this.#feed.note("lab.up", `up in ${((this.#around.monotonic() - started) / 1_000).toFixed(1)} s`);
	}

	async #again(): Promise<void> {
		this.#faults.clear();
		await this.#destroyNodes();
		await this.#cluster?.lay();
		if (this.#cluster) await this.#start(this.#cluster);
		// The original master is back by the reset, which is told as such and not as a promotion.
		this.#master = null;
		await this.#observer?.read();
		this.#become("up");
	}

	async #start(cluster: LabCluster): Promise<void> {
		const starting = new AbortController();
		this.#starting = starting;
		try {
			await cluster.start({
				signal: starting.signal,
				start: (node) => this.#nodes.get(node.name)?.start() ?? Promise.resolve(),
			});
		} finally {
			this.#starting = null;
		}
	}

	async #choosePorts(): Promise<number[]> {
		const beside = labFolders(join(this.#folder.dir, "..")).flatMap((folder) => readLabFile(folder)?.ports ?? []);
		const count = this.#topology.portsNeeded(this.#options);
		const ports = await freePorts(count, this.#around.random, new Set(beside));
		writeFileSync(this.#folder.file, JSON.stringify({ ...this.#file, ports }), { mode: 0o600 });
		return ports;
	}

	#portWasTaken(): boolean {
		return [...this.#nodes.values()].some((node) =>
			readTail(node.log, 20).some((line) => /already in use|Could not create server TCP listening/.test(line)),
		);
	}

	#nodeProcess(node: LabCluster["nodes"][number]): NodeProcess {
		return new NodeProcess(node, {
			lab: this.#folder.id,
			log: join(this.#folder.logs, `${node.name}.log`),
			setpriv: this.#setpriv,
			path: this.#around.path,
			now: this.#around.host.now,
			onEnd: ({ unasked, detail }) => {
				if (!unasked) return;
				this.#feed.note("node.ended", `${node.name} ${detail}`, node.name);
				if (!this.#starting) return;
				// The log goes with the lab that did not start: what it said last is told now.
				const said = readTail(join(this.#folder.logs, `${node.name}.log`), 3)
					.join(" ")
					.trim();
				this.#starting.abort(new Error(`${node.name} ${detail}. It said: ${said === "" ? "nothing" : said}`));
			},
		});
	}

	async #destroyNodes(): Promise<void> {
		this.#faults.clear();
		await Promise.all([...this.#nodes.values()].map((node) => node.destroy()));
	}

	/** Knows the roles at any moment, and tells when the master becomes another one. */
	#watch(): void {
		if (!this.#cluster) return;
		this.#observer = this.#topology.targetKind.observe(this.#cluster.target, this.#around.host);
		this.#observer.follow((topology) => {
			const role = this.#topology.targetKind.defaultRole;
			if (role === undefined || this.#state !== "up") return;
			const main = resolveTarget(topology, { cluster: topology.cluster, role });
			if (isProblem(main) || main.name === this.#master) return;
			if (this.#master !== null) {
				this.#feed.note("master.changed", `${main.name} is ${role} now, it was ${this.#master}`, main.name);
			}
			this.#master = main.name;
		});
	}

	/** A node by its name, its address, or a reference such as `orders.master`. */
	#node(written: string): Promise<NodeProcess> {
		const cluster = this.#cluster;
		return findNode(written, {
			lab: this.#folder.name,
			nodes: this.#nodes,
			defaultRole: this.#topology.targetKind.defaultRole,
			readTopology: cluster && (() => this.#readTopology(cluster)),
		});
	}

	async #readTopology(cluster: LabCluster): Promise<Topology> {
		if (this.#observer) return this.#observer.read();
		const observer = this.#topology.targetKind.observe(cluster.target, this.#around.host);
		const topology = await observer.read();
		await observer.close();
		return topology;
	}

	#nodeStatus(node: NodeProcess): LabNodeStatus {
		const member = this.#observer?.last?.members.find((m) => m.address === node.node.address);
		const fault = this.#faults.faults.get(node.node.name);
		return {
			name: node.node.name,
			role: member?.role ?? node.node.duty,
			address: node.node.address,
			state: this.#state === "starting" && node.running ? "starting" : node.state,
			pid: node.pid,
			rssBytes: node.pid === null ? null : processPlatform.residentBytes(node.pid),
			restarts: Math.max(0, node.starts - 1),
			log: node.log,
			...(fault && {
				fault: { kind: fault.kind, since: fault.since.toISOString(), healsAt: fault.healsAt.toISOString() },
			}),
			...((node.detail ?? member?.detail) !== undefined && { detail: node.detail ?? member?.detail ?? "" }),
		};
	}

	#mustBeUp(): LabCluster {
		if (this.#state === "up" && this.#cluster) return this.#cluster;
		throw new ProblemError(
			"lab-start-failed",
			`Lab ${this.#folder.name} is ${this.#state}${this.#detail ? `: ${this.#detail}` : ""}.`,
		);
	}

	#become(state: LabStatus["state"], detail?: string): void {
		if (this.#state === "stopping") return;
		this.#state = state;
		this.#detail = detail;
		this.#since = this.#around.host.now();
		this.#feed.pushStatus();
	}

	#faultTold(event: LabEvent): void {
		if (event.type === "fault.injected" || event.type === "fault.healed") this.probes.mark(event.text);
		this.#feed.tell(event);
	}
}
