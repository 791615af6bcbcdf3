/** Why running on has come to an end at a unit. */
export type RunOnEnd = "person" | "confirm" | "left-out" | "unplanned" | "failed" | "cancelled" | "lost";

/** What is said when running on ends at a unit of this title: which it is, why, and what to do. */
export function runOnWords(end: RunOnEnd, title: string): string {
	switch (end) {
		case "person":
			return `${title} needs a person: answer it, then run on.`;
		case "confirm":
			return `${title} asks to be confirmed: press Enter.`;
		case "left-out":
			return `${title} is left out of running on: press Enter to run it.`;
		case "unplanned":
			return `${title} can’t be planned: its card says why.`;
		case "failed":
			return `${title} failed, so running on has stopped.`;
		case "cancelled":
			return `${title} was cancelled, so running on has stopped.`;
		case "lost":
			return `${title} was lost, so running on has stopped.`;
	}
}
