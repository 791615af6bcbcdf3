import type { ProbeSample } from "../core/lab.ts";

/** One line of a probe's journal. Times in milliseconds since the probe's start, by a monotonic clock. */
export type JournalLine =
	| { probe: string; kind: string; startedAt: string; perSecond: number }
	| { mark: string; at: number }
	| { n: number; sent: number; acked: number }
	/** The server refused it: it did not happen. */
	| { n: number; sent: number; failed: number; error: string }
	/** No reply came: it may have happened. */
	| { n: number; sent: number; unknown: number; error: string };

/** Two acknowledgements further apart than this are a gap. */
export const gapFromMs = 200;
/** Seconds of samples that are kept. */
const keptSamples = 600;
const keptGaps = 1_000;

/** A stretch without an acknowledged write, from the last one before it; `to` is null while it lasts. */
export interface ProbeGap {
	from: number;
	to: number | null;
	ms: number;
}

/**
 * Sums up a journal, line by line: live while the probe writes and the same when a journal is read again.
 * Needs memory for one bit a write.
 */
export class ProbeMeasure {
	acknowledged = 0;
	failed = 0;
	indeterminate = 0;
	firstMark: number | null = null;
	readonly #samples = new Map<number, ProbeSample>();
	readonly #gaps: ProbeGap[] = [];
	#acked = new Uint8Array(1024);
	#highest = -1;
	#lastAck = 0;
	readonly #startedAt: number;

	/** `startedAt`: Unix time in milliseconds. */
	constructor(startedAt: number) {
		this.#startedAt = startedAt;
	}

	take(line: JournalLine): void {
		if ("mark" in line) {
			this.firstMark ??= line.at;
		} else if ("acked" in line) {
			this.acknowledged += 1;
			this.#sample(line.acked).acknowledged += 1;
			this.#acknowledge(line.n);
			const ms = line.acked - this.#lastAck;
			if (ms >= gapFromMs) {
				this.#gaps.push({ from: this.#lastAck, to: line.acked, ms });
				if (this.#gaps.length > keptGaps) this.#gaps.shift();
			}
			this.#lastAck = Math.max(this.#lastAck, line.acked);
		} else if ("failed" in line) {
			this.failed += 1;
			this.#sample(line.failed).failed += 1;
		} else if ("unknown" in line) {
			this.indeterminate += 1;
			this.#sample(line.unknown).failed += 1;
		}
	}

	/**
	 * The longest gap, the one that lasts now included. With marks, only those that overlap the time since the first
	 * mark: that is the outage of the fault, and not some pause before it.
	 */
	longestGap(now: number): ProbeGap | null {
		const open = now - this.#lastAck;
		const gaps = open >= gapFromMs ? [...this.#gaps, { from: this.#lastAck, to: null, ms: open }] : this.#gaps;
		const since = this.firstMark ?? 0;
		return gaps
			.filter((gap) => gap.to === null || gap.to >= since)
			.reduce<ProbeGap | null>((longest, gap) => (longest === null || gap.ms > longest.ms ? gap : longest), null);
	}

	/** Whole seconds, oldest first, those without any write included: a gap is as visible as a write. */
	samples(now: number): ProbeSample[] {
		const last = Math.floor(now / 1_000);
		const samples: ProbeSample[] = [];
		for (let second = Math.max(0, last - keptSamples); second < last; second++) {
			samples.push(this.#samples.get(second) ?? this.#empty(second));
		}
		return samples;
	}

	/** A copy of which writes were acknowledged, one bit each, most significant first as SETBIT counts them. */
	acknowledgedBits(): Uint8Array {
		return this.#acked.slice(0, (this.#highest >> 3) + 1);
	}

	#acknowledge(n: number): void {
		const byte = n >> 3;
		if (byte >= this.#acked.length) {
			const larger = new Uint8Array(Math.max(this.#acked.length * 2, byte + 1));
			larger.set(this.#acked);
			this.#acked = larger;
		}
		this.#acked[byte] = (this.#acked[byte] ?? 0) | (0x80 >> (n & 7));
		this.#highest = Math.max(this.#highest, n);
	}

	#sample(at: number): ProbeSample {
		const second = Math.floor(at / 1_000);
		let sample = this.#samples.get(second);
		if (!sample) {
			sample = this.#empty(second);
			this.#samples.set(second, sample);
			this.#samples.delete(second - keptSamples - 1);
		}
		return sample;
	}

	#empty(second: number): ProbeSample {
		return { at: this.#startedAt + second * 1_000, acknowledged: 0, failed: 0 };
	}
}

/** The numbers of the bits that are set in `acknowledged` and not in `found`. */
export function missingBits(acknowledged: Uint8Array, found: Uint8Array): number[] {
	const missing: number[] = [];
	acknowledged.forEach((byte, at) => {
		const lost = byte & ~(found[at] ?? 0);
		for (let bit = 0; lost !== 0 && bit < 8; bit++) {
			if (lost & (0x80 >> bit)) missing.push(at * 8 + bit);
		}
	});
	return missing;
}
