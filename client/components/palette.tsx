/* The command palette (Ctrl+K): every key of the page by its name, the places, and the library's runbooks and open sessions. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Replies } from "../../core/protocol.ts";
import { useApp } from "../shell/app-context.ts";
import { pageAddress } from "../shell/router.ts";
import { rankByWords } from "../words/rank-by-words.ts";
import { Dialog } from "./dialog.tsx";
import { KeyHint } from "./key-hint.tsx";
import "./field.css";
import "./palette.css";

interface Choice {
	id: string;
	label: string;
	about: string;
	keys?: string;
	run: () => void;
}

export function Palette({ onClose }: { onClose: () => void }) {
	const { keyboard, router, connection } = useApp();
	const query = useSignal("");
	const at = useSignal(0);
	const library = useSignal<Replies["library.list"] | null>(null);
	useEffect(() => {
		connection.request("library.list", {}).then(
			(answer) => {
				library.value = answer;
			},
			() => {
				// Without it the palette still has the page's own commands.
			},
		);
	}, [connection, library]);
	const choices = useComputed((): Choice[] => {
		const commands = keyboard.bindings.value
			.filter((b) => b.hidden !== true && b.repeats !== true && (b.enabled?.() ?? true))
			.map((b): Choice => ({ id: `${b.group} ${b.keys}`, label: b.label, about: b.group, keys: b.keys, run: b.run }));
		const sessions = (library.value?.active ?? []).map(
			(s): Choice => ({
				id: s.session,
				label: s.title,
				about: `open ${s.kind}${s.environment ? `, ${s.environment}` : ""}`,
				run: () => router.navigate(pageAddress.session(s.session)),
			}),
		);
		const runbooks = (library.value?.runbooks ?? []).map(
			(r): Choice => ({
				id: r.path,
				label: r.title,
				about: "runbook",
				run: () => router.navigate(pageAddress.runbook(r.path)),
			}),
		);
		return rankByWords([...commands, ...sessions, ...runbooks], query.value, (c) => `${c.label} ${c.about}`).slice(
			0,
			60,
		);
	});
	const choose = (choice: Choice | undefined) => {
		if (!choice) return;
		onClose();
		// After the dialog has given the focus back.
		setTimeout(choice.run, 0);
	};
	const selected = Math.min(at.value, Math.max(0, choices.value.length - 1));
	return (
		<Dialog title="Anything" onClose={onClose}>
			<div class="palette">
				<input
					class="input"
					data-focus
					role="combobox"
					aria-expanded="true"
					aria-controls="palette-list"
					aria-activedescendant={`palette-${selected}`}
					aria-label="A command, a runbook, a session"
					placeholder="A command, a runbook, a session"
					value={query.value}
					onInput={(event) => {
						query.value = event.currentTarget.value;
						at.value = 0;
					}}
					onKeyDown={(event) => {
						if (event.key === "ArrowDown") at.value = Math.min(choices.value.length - 1, selected + 1);
						else if (event.key === "ArrowUp") at.value = Math.max(0, selected - 1);
						else if (event.key === "Enter" && !event.repeat) choose(choices.value[selected]);
						else return;
						event.preventDefault();
						document.getElementById(`palette-${at.value}`)?.scrollIntoView({ block: "nearest" });
					}}
				/>
				<div id="palette-list" class="palette__list" role="listbox" aria-label="Matches">
					{choices.value.map((choice, i) => (
						<div
							key={choice.id}
							id={`palette-${i}`}
							role="option"
							tabIndex={-1}
							aria-selected={i === selected}
							onClick={() => choose(choice)}
							onKeyDown={(event) => {
								if (event.key === "Enter") choose(choice);
							}}
						>
							<span>{choice.label}</span>
							<span class="faint">{choice.about}</span>
							{choice.keys !== undefined && <KeyHint keys={choice.keys} />}
						</div>
					))}
					{choices.value.length === 0 && <p class="faint palette__none">Nothing of this name here.</p>}
				</div>
			</div>
		</Dialog>
	);
}
