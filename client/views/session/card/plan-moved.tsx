/* The plan has moved since it was shown: that it was not run, first; then both, command by command. What stands in the card is the new one. */

import type { Plan } from "../../../../core/plan.ts";
import { VisibleText } from "../../../../steps/visible-text.tsx";
import { Icon } from "../../../components/icon.tsx";
import { movedReferences, otherChanges, planChanges } from "../plan-changes.ts";
import "./plan-moved.css";

/** Longer ones, and all of them in a narrow window, are folded: the new plan must have room above. */
const shortLines = 8;
const narrow = "(max-width: 47.99rem)";

export function PlanMoved({ shown, now }: { shown: Plan; now: Plan }) {
	const lines = planChanges(shown, now);
	const others = otherChanges(shown, now);
	const moves = movedReferences(shown, now);
	const count = (kind: "gone" | "new") => lines.filter((line) => line.kind === kind).length;
	const open = lines.length <= shortLines && !window.matchMedia(narrow).matches;
	return (
		<div class="plan-moved" role="alert">
			<p>
				<Icon name="alert" /> <strong>Not run: the plan has moved since it was shown.</strong>{" "}
				{moves.length > 0 && <span class="mono">{moves.join(", ")}. </span>}
				The card has the new one.
			</p>
			<details open={open}>
				<summary>
					{count("gone") + count("new") === 0
						? "What has changed"
						: `What has changed: ${count("gone")} gone, ${count("new")} new`}
				</summary>
				<div class="plan-moved__lines mono">
					{lines.map((line, i) => (
						<div key={i} class={`plan-moved__line plan-moved__line--${line.kind}`}>
							<span>{{ same: " ", gone: "−", new: "+" }[line.kind]}</span>
							<span class="sr-only">{{ same: "", gone: "was: ", new: "now: " }[line.kind]}</span>
							<span class="plan-moved__node" title={line.address}>
								{line.node}&gt;
							</span>{" "}
							<VisibleText text={line.text} /> {line.kind !== "same" && <span class="faint">{line.address}</span>}
						</div>
					))}
				</div>
				{others.length > 0 && <p>Also changed: {others.join("; ")}.</p>}
			</details>
		</div>
	);
}
