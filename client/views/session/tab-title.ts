import { durationWords } from "../../words/duration-words.ts";

/** The tab's title: how far and what goes on, first, because a tab shows little: `5/9 waiting 12 s · Planned failover`. */
export function tabTitle(now: {
	title: string;
	done: number;
	steps: number;
	closed: boolean;
	/** The run that goes on: what it does and for how long, in milliseconds. */
	active: { words: "running" | "waiting" | "your answer"; ms: number } | null;
	failed: boolean;
}): string {
	const far = `${now.done}/${now.steps}`;
	if (now.closed) return `closed ${far} · ${now.title}`;
	if (now.active) {
		const whole = Math.max(1000, Math.floor(now.active.ms / 1000) * 1000);
		const time = whole < 10_000 ? `${whole / 1000} s` : durationWords(whole);
		return `${far} ${now.active.words} ${time} · ${now.title}`;
	}
	if (now.failed) return `${far} failed · ${now.title}`;
	return `${far} ${now.done === now.steps ? "done" : "next is yours"} · ${now.title}`;
}
