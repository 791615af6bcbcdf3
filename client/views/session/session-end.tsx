/* The end of the document: adding a step, noting, closing the session once there is nothing left to do. */
import { useComputed } from "@preact/signals";
import { wasNotNeeded } from "../../../core/session-state.ts";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { useSession } from "./session-context.ts";

export function SessionEnd() {
	const { store, dialog, driving } = useSession();
	const done = useComputed(() => store.next.value === null && store.state.value !== null);
	const passedOver = useComputed(() => {
		const steps = Object.values(store.state.value?.steps ?? {}).filter((s) => s.status === "skipped");
		const notNeeded = steps.filter(wasNotNeeded).length;
		const skipped = steps.length - notNeeded;
		return `${skipped > 0 ? `, ${skipped} skipped` : ""}${notNeeded > 0 ? `, ${notNeeded} not needed` : ""}`;
	});
	const last = store.state.value?.order.at(-1);
	return (
		<section class={`session-end ${done.value ? "session-end--done" : ""}`}>
			{done.value && (
				<p>
					<Icon name="check" /> <strong>Every step is done</strong>
					{passedOver}. Close the session with its outcome and one sentence.
				</p>
			)}
			<div class="session-end__actions">
				{driving.value && (
					<Button
						kind={done.value ? "primary" : "plain"}
						keys={done.value ? "c" : undefined}
						onClick={() => {
							dialog.value = { kind: "close" };
						}}
					>
						Close the session
					</Button>
				)}
				{driving.value && last !== undefined && (
					<Button
						icon="plus"
						kind="quiet"
						onClick={() => {
							dialog.value = { kind: "add", step: last };
						}}
					>
						Add a step
					</Button>
				)}
				<Button
					icon="note"
					kind="quiet"
					keys="n"
					onClick={() => {
						dialog.value = { kind: "note", step: null };
					}}
				>
					Note
				</Button>
			</div>
		</section>
	);
}
