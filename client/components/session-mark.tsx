/* How a session stands or how it ended, as an icon: the same one wherever sessions are listed. The word stands beside it. */
import { Icon, type IconName } from "./icon.tsx";
import "./state-mark.css";

interface Mark {
	icon: IconName;
	tone: "good" | "warn" | "bad" | "accent" | "faint";
}

const marks: Record<string, Mark> = {
	resolved: { icon: "check", tone: "good" },
	mitigated: { icon: "check", tone: "warn" },
	partial: { icon: "circle-dashed", tone: "warn" },
	failed: { icon: "x", tone: "bad" },
	abandoned: { icon: "ban", tone: "faint" },
	open: { icon: "circle-dot", tone: "accent" },
};

/** `word`: the outcome of a session that is closed, else its status. */
export function sessionMark(word: string): Mark {
	return marks[word] ?? { icon: "circle-help", tone: "faint" };
}

export function SessionMark({ word, size = 16 }: { word: string; size?: number }) {
	const { icon, tone } = sessionMark(word);
	return (
		<span class={`state-mark state-mark--${tone}`}>
			<Icon name={icon} size={size} />
		</span>
	);
}
