import type { Problem } from "../../core/problem.ts";
import type { Origin } from "../../core/session-event.ts";
import { type ServerJournal, serverOrigin } from "./server-journal.ts";

/** Refusals of one kind are told once, then counted for this long, in milliseconds. */
const windowMs = 60_000;
/** More kinds than this in one window are counted together. */
const mostKinds = 20;

/** Records refusals without letting whoever causes them fill the record: the first of a kind at once, the rest as a count. */
export interface Refusals {
	refused(door: string, problem: Problem, origin: Origin): void;
	/** Writes the counts that are still open. */
	flush(): Promise<void>;
}

interface Counted {
	code: string;
	door: string;
	detail: string;
	origin: Origin;
	times: number;
}

/** `failed` is told when the record can't be written; a refusal stands all the same. */
export function openRefusals(journal: ServerJournal, failed: (error: unknown) => void): Refusals {
	const counted = new Map<string, Counted>();
	let timer: NodeJS.Timeout | null = null;

	async function write({ code, door, detail, origin, times }: Counted): Promise<void> {
		try {
			await journal.append(
				{ type: "access.refused", data: { code, door, detail: { content: detail }, times } },
				undefined,
				origin,
			);
		} catch (error) {
			failed(error);
		}
	}

	async function flush(): Promise<void> {
		if (timer) clearTimeout(timer);
		timer = null;
		const open = [...counted.values()].filter((c) => c.times > 0);
		counted.clear();
		await Promise.all(open.map(write));
	}

	return {
		refused(door, { code, detail }, origin) {
			timer ??= setTimeout(() => void flush(), windowMs).unref();
			const key = `${code} ${door} ${origin.address}`;
			const known = counted.get(key) ?? (counted.size >= mostKinds ? counted.get("others") : undefined);
			if (known) {
				known.times++;
				return;
			}
			if (counted.size >= mostKinds) {
				counted.set("others", { code, door: "several", detail: "Further refusals.", origin: serverOrigin, times: 1 });
				return;
			}
			counted.set(key, { code, door, detail: `Again: ${detail}`, origin, times: 0 });
			void write({ code, door, detail, origin, times: 1 });
		},
		flush,
	};
}
