import type { ReadonlySignal, Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { TimelineNames } from "../session/timeline/timeline-words.ts";
import type { Player } from "./player.ts";
import type { ReplaySource } from "./replay-source.ts";
import type { ReplayRun } from "./replay-timeline.ts";

/** What the parts of the replay share. */
export interface Replay {
	source: ReplaySource;
	player: Player;
	/** What is looked for in this session. */
	query: Signal<string>;
	names: ReadonlySignal<TimelineNames>;
	/** A run's step as a person reads it; a repeated one says so. */
	titleOf(run: ReplayRun): string;
}

export const ReplayContext = createContext<Replay | null>(null);

export function useReplay(): Replay {
	const replay = useContext(ReplayContext);
	if (!replay) throw new Error("useReplay is called outside a replay");
	return replay;
}
