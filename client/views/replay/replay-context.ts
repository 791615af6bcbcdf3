import type { ReadonlySignal, Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { TimelineNames } from "../session/timeline/timeline-words.ts";
import type { FoundPlace } from "./hit-place.ts";
import type { Player } from "./player.ts";
import type { ReplaySource } from "./replay-source.ts";
import type { ReplayRun } from "./replay-timeline.ts";
import type { Verified } from "./verify-session.ts";

/** What the parts of the replay share. */
export interface Replay {
	source: ReplaySource;
	player: Player;
	/** What is looked for in this session. */
	query: Signal<string>;
	/** Which of the hits was gone to last, by its place in the list. */
	gone: Signal<number | null>;
	/** Where the player went for it, when it is in a run's output. */
	found: ReadonlySignal<FoundPlace | null>;
	/** Goes to where what was found in a run's output had been shown: `fromMs` into it, or later. Runs without a recording are gone to as they are. */
	goTo(run: ReplayRun, fromMs: number): void;
	/** What the last check of the whole session found; null before the first has ended. */
	checked: Signal<Verified | null>;
	/** The runs of whose record that check found that it is not what was written. */
	altered: ReadonlySignal<ReadonlySet<string>>;
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
