import { type FileHandle, open } from "node:fs/promises";
import type { ProbeResult } from "../../core/lab.ts";
import { isProblem } from "../../core/problem.ts";
import { resolveTarget } from "../../core/target.ts";
import { type JournalLine, missingBits, ProbeMeasure } from "../probe-measure.ts";
import type { Target, TargetHost } from "../target-kind.ts";
import type { ProbeKind, TargetProbe } from "../target-probe.ts";
import { observeRedis } from "./observe-redis.ts";
import { clientWriter, oracleWriter, type ProbeWriter } from "./probe-writers.ts";
import type { RedisConfig } from "./redis-config.ts";
import { RedisLink } from "./redis-link.ts";
import type { RedisReply } from "./redis-reply.ts";

export interface RedisProbeOptions {
	target: Target<RedisConfig>;
	host: TargetHost;
	/** Milliseconds that only go forward. */
	monotonic: () => number;
	kind: ProbeKind;
	/** Names the probe's key, `runledger:probe:<id>`: unique, so that two probes never count each other's writes. */
	id: string;
	/** The journal's file (JSON lines, see JournalLine); made anew. */
	journal: string;
	/** Writes a second, 300 unless told. */
	perSecond?: number;
	/** Kind `client` only: leave the master when a Sentinel announces another one. True unless told. */
	followsSentinel?: boolean;
}

/** So many writes may be under way at once for kind `client`; an oracle has one. */
const mostUnderWay = 16;
const flushEveryMs = 200;
/** The final master is looked for this long: a failover may be under way. */
const masterWithinMs = 15_000;

/**
 * Starts writing to the master: write `n` sets bit `n` of one key. So each write is unique, may be repeated without
 * harm, and the final master tells which of a hundred thousand it has in one reply of 12 KB.
 */
export async function startRedisProbe(options: RedisProbeOptions): Promise<TargetProbe> {
	const probe = new RedisProbe(options, await open(options.journal, "w", 0o600));
	await probe.begin();
	return probe;
}

class RedisProbe implements TargetProbe {
	readonly #options: RedisProbeOptions;
	readonly #file: FileHandle;
	readonly #measure: ProbeMeasure;
	readonly #key: string;
	readonly #perSecond: number;
	readonly #startedAt: number;
	readonly #start: number;
	#buffer: string[] = [];
	#flushing: Promise<void> = Promise.resolve();
	#writer: ProbeWriter | null = null;
	#timers: NodeJS.Timeout[] = [];
	#underWay = new Set<Promise<void>>();
	#next = 0;
	#n = 0;
	#running = true;
	#endedAt: number | null = null;
	#lost: number[] | null = null;

	constructor(options: RedisProbeOptions, file: FileHandle) {
		this.#options = options;
		this.#file = file;
		this.#perSecond = options.perSecond ?? 300;
		this.#key = `runledger:probe:${options.id}`;
		const now = options.host.now();
		this.#startedAt = now.getTime();
		this.#start = options.monotonic();
		this.#measure = new ProbeMeasure(this.#startedAt);
		this.#note({
			probe: options.id,
			kind: options.kind,
			startedAt: now.toISOString(),
			perSecond: this.#perSecond,
		});
	}

	async begin(): Promise<void> {
		const { target, host, kind, followsSentinel } = this.#options;
		this.#writer =
			kind === "client" ? await clientWriter(target, host, followsSentinel ?? true) : oracleWriter(target, host);
		this.#next = this.#now();
		this.#timers = [setInterval(() => this.#tick(), 5), setInterval(() => this.#flush(), flushEveryMs)];
	}

	mark(what: string): void {
		this.#note({ mark: what, at: this.#now() });
	}

	result(): ProbeResult {
		const now = this.#endedAt ?? this.#now();
		const gap = this.#measure.longestGap(now);
		const iso = (ms: number): string => new Date(this.#startedAt + ms).toISOString();
		return {
			kind: this.#options.kind,
			running: this.#running,
			acknowledged: this.#measure.acknowledged,
			failed: this.#measure.failed,
			indeterminate: this.#measure.indeterminate,
			rtoMs: gap === null ? null : Math.round(gap.ms),
			gap: gap === null ? null : { from: iso(gap.from), to: gap.to === null ? null : iso(gap.to) },
			lost: this.#lost?.length ?? null,
			lostIds: this.#lost?.slice(0, 20) ?? [],
			perSecond: this.#perSecond,
			samples: this.#measure.samples(now),
			journal: this.#options.journal,
		};
	}

	async check(): Promise<ProbeResult> {
		if (this.#endedAt !== null && this.#lost !== null) return this.result();
		// Taken before the master is asked: a write acknowledged after that can't be missing from an older answer.
		const acknowledged = this.#measure.acknowledgedBits();
		const [found] = await this.#askMaster([["GET", this.#key], ...(this.#running ? [] : [["DEL", this.#key]])]);
		if (found?.kind === "bulk") this.#lost = missingBits(acknowledged, found.bytes);
		else if (found?.kind === "nil") this.#lost = missingBits(acknowledged, new Uint8Array());
		else this.#lost = null;
		return this.result();
	}

	async stop(): Promise<ProbeResult> {
		if (!this.#running) return this.result();
		this.#running = false;
		for (const timer of this.#timers) clearInterval(timer);
		await Promise.all(this.#underWay);
		this.#endedAt = this.#now();
		await this.#writer?.close();
		await this.check();
		this.#flush();
		await this.#flushing;
		await this.#file.close();
		return this.result();
	}

	#now(): number {
		return Math.round((this.#options.monotonic() - this.#start) * 1_000) / 1_000;
	}

	#tick(): void {
		const now = this.#now();
		const limit = this.#options.kind === "client" ? mostUnderWay : 1;
		const step = 1_000 / this.#perSecond;
		// What a gap kept from being written is not made up for afterwards.
		this.#next = Math.max(this.#next, now - 50);
		while (this.#next <= now && this.#underWay.size < limit && this.#running) {
			this.#next += step;
			const writing: Promise<void> = this.#write().finally(() => {
				this.#underWay.delete(writing);
				this.#tick();
			});
			this.#underWay.add(writing);
		}
	}

	async #write(): Promise<void> {
		const n = this.#n++;
		const sent = this.#now();
		const outcome = (await this.#writer?.write(this.#key, n)) ?? { outcome: "failed", error: "not connected" };
		const at = this.#now();
		if (outcome.outcome === "acked") this.#note({ n, sent, acked: at });
		else if (outcome.outcome === "failed") this.#note({ n, sent, failed: at, error: outcome.error });
		else this.#note({ n, sent, unknown: at, error: outcome.error });
	}

	#note(line: JournalLine): void {
		this.#measure.take(line);
		this.#buffer.push(`${JSON.stringify(line)}\n`);
	}

	#flush(): void {
		if (this.#buffer.length === 0) return;
		const text = this.#buffer.join("");
		this.#buffer = [];
		// A journal that can't be written (disk full) does not stop the measuring; its figures stay in memory.
		this.#flushing = this.#flushing.then(() => this.#file.appendFile(text)).catch(() => {});
	}

	/** Asks the master on which all Sentinels agree now; no replies when none could be asked in time. */
	async #askMaster(commands: string[][]): Promise<RedisReply[]> {
		const { target, host, monotonic } = this.#options;
		const observer = observeRedis(target, host);
		try {
			for (const until = monotonic() + masterWithinMs; monotonic() < until; ) {
				const node = resolveTarget(await observer.read(), { cluster: target.name, role: "master" });
				if (!isProblem(node)) {
					try {
						const link = await RedisLink.open(target, "data", node.address, host, 1_000);
						try {
							return await Promise.all(commands.map((command) => link.callWithin(command, 5_000)));
						} finally {
							link.close();
						}
					} catch {
						// Went away between the look and the question: look again.
					}
				}
				await new Promise((resolve) => setTimeout(resolve, 200));
			}
			return [];
		} finally {
			await observer.close();
		}
	}
}
