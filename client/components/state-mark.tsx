/* A step's state as an icon with its word: colour never stands alone. `words` shows the word, else it is read aloud and on hover. */
import type { StepStatus } from "../../core/session-state.ts";
import { Icon, type IconName } from "./icon.tsx";
import "./state-mark.css";

/** What a step looks like; `waiting` is a running step that waits for something, `not-needed` one that had nothing to do, `altered` one whose record is no longer what was written. */
export type ShownState = StepStatus | "waiting" | "not-needed" | "altered";

export const stateMarks: Record<ShownState, { icon: IconName; word: string; tone: string }> = {
	idle: { icon: "circle", word: "idle", tone: "faint" },
	requested: { icon: "circle-dot", word: "requested", tone: "accent" },
	"awaiting-approval": { icon: "hand", word: "awaiting approval", tone: "warn" },
	running: { icon: "loader", word: "running", tone: "accent" },
	waiting: { icon: "hourglass", word: "waiting", tone: "accent" },
	succeeded: { icon: "check", word: "succeeded", tone: "good" },
	failed: { icon: "x", word: "failed", tone: "bad" },
	cancelled: { icon: "ban", word: "cancelled", tone: "warn" },
	lost: { icon: "circle-help", word: "lost", tone: "bad" },
	skipped: { icon: "skip", word: "skipped", tone: "faint" },
	"not-needed": { icon: "circle-slash", word: "not needed", tone: "faint" },
	altered: { icon: "x", word: "altered", tone: "bad" },
};

export function StateMark({ state, words = false, size = 16 }: { state: ShownState; words?: boolean; size?: number }) {
	const { icon, word, tone } = stateMarks[state];
	return (
		<span class={`state-mark state-mark--${tone}`} title={words ? undefined : word}>
			<Icon
				name={icon}
				size={size}
				class={state === "running" ? "icon--turning" : ""}
				{...(words ? {} : { label: word })}
			/>
			{words && <span>{word}</span>}
		</span>
	);
}
