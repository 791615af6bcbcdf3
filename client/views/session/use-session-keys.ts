/* The keys of a session. What runs something is not repeated by holding; a terminal and a field keep their own keys. */

import { useEffect } from "preact/hooks";
import { problemOf } from "../../connection/connection.ts";
import { useKeys } from "../../keys/use-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { focusUnit } from "./focus-unit.ts";
import type { SessionParts } from "./session-context.ts";
import { waitsForKeys } from "./waiting-for-keys.ts";

export function useSessionKeys(parts: SessionParts, { toggleTimeline }: { toggleTimeline: () => void }): void {
	const { store, plans, control, driving, dialog, opened, left, fullScreen } = parts;
	const { connection, toasts, keyboard, me } = useApp();
	const current = () => control.current.peek();
	const oneStep = () => current()?.steps[0];
	const open = () => store.state.peek()?.status === "open";
	const mayDrive = () => driving.peek() && open();
	const asking = () => control.confirming.peek() !== null;

	const move = (by: number) => {
		const units = store.units.peek();
		const at = units.findIndex((unit) => unit.name === current()?.name);
		const next = units[Math.min(units.length - 1, Math.max(0, (at === -1 ? 0 : at) + by))];
		if (!next) return;
		control.dismiss();
		control.chosen.value = next.name;
		requestAnimationFrame(() => focusUnit(next.name));
	};
	const toggleOutput = () => {
		const steps = current()?.steps ?? [];
		const state = store.state.peek();
		const changed = new Map(opened.peek());
		for (const step of steps) {
			if (state?.steps[step]?.runs.length === 0) continue;
			const folded =
				document.querySelector(`[data-step="${CSS.escape(step)}"]`)?.classList.contains("step--folded") ?? true;
			changed.set(step, folded);
		}
		opened.value = changed;
	};
	const terminal = () => document.querySelector<HTMLElement>("[data-terminal]");

	useEffect(() => {
		const waits = waitsForKeys({ store, plans, control, driving, left, me: () => me.value?.person });
		return keyboard.hold(() => waits.value, ["i"]);
	}, [keyboard, store, plans, control, driving, left, me]);

	useKeys([
		{ keys: "j", group: "Move", label: "Next step", repeats: true, run: () => move(1) },
		{ keys: "k", group: "Move", label: "Previous step", repeats: true, run: () => move(-1) },
		{
			keys: "h",
			group: "Move",
			label: "Back to what is next",
			run: () => {
				control.chosen.value = null;
				const unit = current();
				if (unit) requestAnimationFrame(() => focusUnit(unit.name));
			},
		},
		{ keys: "t", group: "Move", label: "The timeline", run: toggleTimeline },
		{
			keys: "Enter",
			group: "Run",
			label: "Run the step",
			enabled: () => mayDrive() && !asking(),
			run: () => {
				const unit = current();
				if (unit) control.press(unit);
			},
		},
		{
			keys: "y",
			group: "Run",
			label: "Yes, run what is asked",
			hidden: true,
			enabled: () => asking() && control.confirming.peek()?.needs !== "typed",
			run: () => control.confirm(),
		},
		{ keys: "Escape", group: "Run", label: "Not now", hidden: true, enabled: asking, run: () => control.dismiss() },
		{ keys: "R", group: "Run", label: "Run on until a step needs you", enabled: mayDrive, run: () => control.runOn() },
		{
			keys: "Shift+Enter",
			group: "Run",
			label: "Run on until a step needs you",
			hidden: true,
			enabled: mayDrive,
			run: () => control.runOn(),
		},
		{
			keys: ".",
			group: "Run",
			label: "Cancel what runs",
			enabled: () => store.active.peek().length > 0,
			run: () => control.cancel(),
		},
		{
			keys: "b",
			group: "Run",
			label: "Take the baton",
			enabled: () => open() && !driving.peek(),
			run: () => {
				connection
					.request("session.take-baton", { session: store.session })
					.catch((thrown) => toasts.problem(problemOf(thrown)));
			},
		},
		{
			keys: "e",
			group: "Step",
			label: "Edit before running",
			enabled: () => mayDrive() && current()?.group === false,
			run: () => {
				const step = oneStep();
				if (step !== undefined) dialog.value = { kind: "edit", step };
			},
		},
		{
			keys: "s",
			group: "Step",
			label: "Skip, with a reason",
			enabled: mayDrive,
			run: () => {
				const step = oneStep();
				if (step !== undefined) dialog.value = { kind: "skip", step };
			},
		},
		{
			keys: "a",
			group: "Step",
			label: "Add a step here",
			enabled: mayDrive,
			run: () => {
				const step = current()?.steps.at(-1) ?? store.state.peek()?.order.at(-1);
				if (step !== undefined) dialog.value = { kind: "add", step };
			},
		},
		{
			keys: "n",
			group: "Step",
			label: "Note, with pictures",
			enabled: open,
			run: () => {
				dialog.value = { kind: "note", step: oneStep() ?? null };
			},
		},
		{ keys: "o", group: "Step", label: "Open or fold the output", run: toggleOutput },
		{
			keys: "i",
			group: "Terminal",
			label: "Type into the terminal",
			enabled: () => terminal() !== null,
			run: () => terminal()?.querySelector<HTMLElement>(".xterm-helper-textarea")?.focus(),
		},
		{
			keys: "f",
			group: "Terminal",
			label: "Terminal fills the window",
			enabled: () => terminal() !== null,
			run: () => {
				const run = terminal()?.dataset.terminal ?? null;
				fullScreen.value = fullScreen.peek() === run ? null : run;
			},
		},
		{
			keys: "c",
			group: "Session",
			label: "Close the session",
			enabled: mayDrive,
			run: () => {
				dialog.value = { kind: "close" };
			},
		},
		{
			keys: "Escape",
			group: "Terminal",
			label: "Back from the whole window",
			hidden: true,
			enabled: () => fullScreen.peek() !== null,
			run: () => {
				fullScreen.value = null;
			},
		},
	]);
}
