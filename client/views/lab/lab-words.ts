import type { LabNodeStatus, LabStatus } from "../../../core/lab.ts";
import type { IconName } from "../../components/icon.tsx";
import { byteWords } from "../../words/count-words.ts";
import { durationWords } from "../../words/duration-words.ts";

export interface StateWords {
	word: string;
	icon: IconName;
	tone: "good" | "bad" | "warn" | "accent" | "faint";
}

const nodeStates: Record<string, StateWords> = {
	up: { word: "up", icon: "check", tone: "good" },
	killed: { word: "killed", icon: "x", tone: "bad" },
	stopped: { word: "stopped", icon: "square", tone: "bad" },
	frozen: { word: "frozen", icon: "pause", tone: "warn" },
	starting: { word: "starting", icon: "loader", tone: "accent" },
};

export function nodeState(node: LabNodeStatus): StateWords {
	return nodeStates[node.state] ?? { word: node.state, icon: "circle-help", tone: "warn" };
}

const labStates: Record<LabStatus["state"], StateWords> = {
	starting: { word: "starting", icon: "loader", tone: "accent" },
	up: { word: "up", icon: "check", tone: "good" },
	stopping: { word: "going down", icon: "loader", tone: "accent" },
	down: { word: "down", icon: "square", tone: "faint" },
	failed: { word: "failed", icon: "circle-alert", tone: "bad" },
};

export function labState(lab: LabStatus): StateWords {
	return labStates[lab.state];
}

/** `1 master, 2 replicas, 3 sentinels · 38 MB`. */
export function labSummary(nodes: readonly LabNodeStatus[]): string {
	const counts = new Map<string, number>();
	// The one that the others follow is said first, wherever it is now.
	const leads = (role: string) => (role === "master" || role === "primary" ? 0 : 1);
	for (const { role } of nodes.toSorted((a, b) => leads(a.role) - leads(b.role)))
		counts.set(role, (counts.get(role) ?? 0) + 1);
	const roles = [...counts].map(([role, count]) => `${count} ${count === 1 ? role : `${role}s`}`).join(", ");
	const bytes = nodes.reduce((sum, node) => sum + (node.rssBytes ?? 0), 0);
	return bytes === 0 ? roles : `${roles} · ${byteWords(bytes)}`;
}

/** A name that no lab has: `orders`, then `orders-2` ... */
export function freeName(taken: readonly string[]): string {
	for (let n = 1; ; n++) {
		const name = n === 1 ? "orders" : `orders-${n}`;
		if (!taken.includes(name)) return name;
	}
}

const done: Record<string, string> = { kill: "killed", freeze: "frozen", stop: "stopped" };

/** What a fault has done to its node: `killed`. */
export function faultDone(kind: string): string {
	return done[kind] ?? kind;
}

/** `7 s`, `1 m 32`: what counts down needs no tenths. Takes milliseconds. */
export function wholeSeconds(ms: number): string {
	const seconds = Math.floor(ms / 1000);
	return seconds < 60 ? `${seconds} s` : durationWords(seconds * 1000);
}

/** How long a fault may be chosen to last, in seconds. */
export const faultChoices = [10, 30, 60, 120, 300, 900, 3600] as const;
export const usualFaultSeconds = 120;
