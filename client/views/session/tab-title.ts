import { durationWords } from "../../words/duration-words.ts";
import type { RunMoment } from "./run-moment.ts";

/** The tab's title: how far and what goes on, first, because a tab shows little: `5/9 waiting 12 s · Planned failover`. */
export function tabTitle(now: {
	title: string;
	done: number;
	steps: number;
	closed: boolean;
	/** What the run does that goes on. */
	moment: RunMoment | null;
	/** Between two steps of running on nobody is waited for. */
	runningOn: boolean;
	/** What became of the step that is next, if it was tried. */
	ended: "failed" | "cancelled" | "lost" | null;
	/** Who does the next thing: this person, another one by name, or nobody here. */
	driver: "you" | { name: string } | null;
	/** A step asks to be confirmed. */
	confirming: boolean;
}): string {
	const far = `${now.done}/${now.steps}`;
	if (now.closed) return `closed ${far} · ${now.title}`;
	return `${far} ${goesOn(now)} · ${now.title}`;
}

function goesOn({ moment, runningOn, ended, done, steps, driver, confirming }: Parameters<typeof tabTitle>[0]): string {
	if (moment) return `${momentWords(moment, driver)} ${timeWords(moment.ms)}`;
	if (confirming) return "your confirmation";
	if (runningOn) return "running on";
	if (ended) return ended;
	if (done === steps) return "done";
	if (driver === "you") return "next is yours";
	return driver === null ? "nobody drives" : `next is ${driver.name}’s`;
}

function momentWords({ kind }: RunMoment, driver: Parameters<typeof tabTitle>[0]["driver"]): string {
	if (kind === "answer") return driver === "you" ? "your answer" : "waiting for an answer";
	if (kind === "unknown") return "no line, ran";
	if (kind === "requested") return "about to begin";
	return kind;
}

function timeWords(ms: number): string {
	const whole = Math.max(1000, Math.floor(ms / 1000) * 1000);
	return whole < 10_000 ? `${whole / 1000} s` : durationWords(whole);
}
