/* Says that the record can't be written, since when and why; and, once it can again, that what was held goes on. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { RecordHealth } from "../../../core/protocol.ts";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { useApp } from "../../shell/app-context.ts";
import { utcClock } from "../../words/utc-words.ts";
import { useSession } from "./session-context.ts";

/** That it goes on can be read for so long by somebody who has looked away. */
const goesOnShownMs = 30_000;

export function RecordNotice() {
	const { store } = useSession();
	const { connection } = useApp();
	const before = useRef<RecordHealth | null>(null);
	const goesOn = useSignal<{ from: string; to: string } | null>(null);
	useSignalEffect(() => {
		const now = store.record.value;
		if (now === null) return;
		const held = before.current?.ok === false ? before.current : null;
		before.current = now;
		if (!now.ok) goesOn.value = null;
		if (!now.ok || held === null) return;
		const told = { from: held.since, to: now.since };
		goesOn.value = told;
		setTimeout(() => {
			if (goesOn.peek() === told) goesOn.value = null;
		}, goesOnShownMs);
	});
	const record = store.record.value;
	// Without a line nothing is known of it, and that is said in the same place.
	if (record === null || connection.line.value.status !== "online") return null;
	if (!record.ok) {
		return (
			<div class="line-notice line-notice--out" role="alert">
				<Icon name="alert" />
				<span>
					<strong>The record can’t be written</strong> since {utcClock(record.since)} UTC
					{record.detail ? `: ${inWords(record.detail)}` : "."} Nothing starts, and what runs is held; it goes on by
					itself when there is room again.
				</span>
			</div>
		);
	}
	if (goesOn.value === null) return null;
	return (
		<div class="line-notice line-notice--good" role="status">
			<Icon name="check" />
			<span>
				<strong>The record is written again</strong> since {utcClock(goesOn.value.to)} UTC; it could not be from{" "}
				{utcClock(goesOn.value.from)} on. What was held goes on.
			</span>
			<Button
				size="small"
				kind="quiet"
				icon="x"
				label="Dismiss"
				onClick={() => {
					goesOn.value = null;
				}}
			/>
		</div>
	);
}

/** A person has to make room, and needs no name of an error to know it. */
function inWords(detail: string): string {
	return /^(ENOSPC|EDQUOT)\b/.test(detail) ? `The disk is full (${detail}).` : detail.replace(/\.?$/, ".");
}
