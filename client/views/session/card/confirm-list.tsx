/*
 * All that a group would run, line by line with its node, inside the question: what is confirmed is what is read. It must
 * have been scrolled through without a gap before it can be confirmed.
 */
import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Plan } from "../../../../core/plan.ts";
import { stepViews } from "../../../../steps/client.ts";
import { HandedValues } from "../../../../steps/handed-values.tsx";
import type { StepView } from "../../../../steps/step-view.ts";
import { knownValues } from "../known-values.ts";
import { useSession } from "../session-context.ts";
import { PlannedCommand } from "./planned-command.tsx";
import "./confirm-list.css";

/** A part of a pixel that is not shown hides nothing. */
const slack = 4;

export function ConfirmList({ plan, read }: { plan: Plan; read: Signal<boolean> }) {
	const { store } = useSession();
	const element = useRef<HTMLElement>(null);
	const seenTo = useRef(0);
	const look = () => {
		const list = element.current;
		if (!list) return;
		// What was jumped over has not been seen.
		if (list.scrollTop <= seenTo.current + slack) {
			seenTo.current = Math.max(seenTo.current, list.scrollTop + list.clientHeight);
		}
		read.value = seenTo.current >= list.scrollHeight - slack;
	};
	useEffect(() => {
		const list = element.current;
		if (!list) return;
		const grown = new ResizeObserver(look);
		grown.observe(list);
		look();
		// Arrows and Page Down scroll it; a field that asks for a name keeps the keyboard.
		if (!read.peek() && document.activeElement?.matches("input") !== true) list.focus({ preventScroll: true });
		return () => grown.disconnect();
	}, []);
	return (
		<section
			ref={element}
			class="confirm-list"
			aria-label="All that runs"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys.
			tabIndex={0}
			data-confirm-list
			data-read={read.value}
			onScroll={look}
		>
			{plan.steps.map((step) => {
				const handed = (stepViews as Record<string, StepView>)[step.type]?.handed?.(step) ?? [];
				const lines = [
					...step.commands.map((command) => ({ command, before: undefined })),
					...step.finally.map(({ when, command }) => ({
						command,
						before: when === undefined ? "finally" : `finally, if ${when}`,
					})),
				];
				return (
					<div key={step.step} class="step-commands">
						{lines.length === 0 && <span class="muted">{store.specs.value.get(step.step)?.title ?? step.step}</span>}
						{lines.map(({ command, before }, i) => (
							<PlannedCommand key={i} command={command} before={before} />
						))}
						{handed.length > 0 && (
							<span class="muted">
								with <HandedValues handed={handed} known={knownValues(store.values.value)} />
							</span>
						)}
					</div>
				);
			})}
		</section>
	);
}
