/* Some lines of a script were selected: they can be run alone. Only where a program reads a script; single commands are steps already. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Unit } from "../../../../core/runbook.ts";
import { Button } from "../../../components/button.tsx";
import { countWords } from "../../../words/count-words.ts";
import { useSession } from "../session-context.ts";
import { wholeLines } from "./whole-lines.ts";

export function SelectedLines({ unit }: { unit: Unit }) {
	const { plans, control, driving } = useSession();
	const lines = useSignal<string | null>(null);
	const plan = plans.of(unit.name).value?.plan;
	const isScript = !unit.group && plan?.steps[0] !== undefined && plan.steps[0].interpreter !== null;
	useEffect(() => {
		if (!isScript) return;
		const read = () => {
			const selection = document.getSelection();
			const place = document.querySelector(`[data-commands="${CSS.escape(unit.name)}"] pre`);
			if (!selection || selection.isCollapsed || !place) {
				lines.value = null;
				return;
			}
			const { anchorNode, focusNode } = selection;
			if (!place.contains(anchorNode) || !place.contains(focusNode)) {
				lines.value = null;
				return;
			}
			const range = selection.getRangeAt(0);
			const before = document.createRange();
			before.selectNodeContents(place);
			before.setEnd(range.startContainer, range.startOffset);
			const start = before.toString().length;
			lines.value = wholeLines(place.textContent ?? "", start, start + range.toString().length);
		};
		document.addEventListener("selectionchange", read);
		return () => document.removeEventListener("selectionchange", read);
	}, [isScript, unit.name, lines]);
	const chosen = lines.value;
	if (
		!driving.value ||
		chosen === null ||
		chosen.trim() === "" ||
		chosen.trim() === plan?.steps[0]?.commands[0]?.text.trim()
	)
		return null;
	return (
		<Button icon="play" onClick={() => control.pressSelection(unit, chosen)}>
			Run {countWords(chosen.split("\n").length, "line")} alone
		</Button>
	);
}
