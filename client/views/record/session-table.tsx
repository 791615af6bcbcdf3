/* The sessions as a table of rows of one height, of which only those in sight are drawn. j and k move, Enter opens. */
import { useSignal } from "@preact/signals";
import type { Ref } from "preact";
import { useEffect, useImperativeHandle, useRef } from "preact/hooks";
import { httpRoutes, type SessionSummary } from "../../../core/protocol.ts";
import { sessionTookMs } from "../../../core/session-took.ts";
import { EnvironmentBadge, KindBadge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ListRow } from "../../components/list-row.tsx";
import { RowOutcome } from "../../components/row-outcome.tsx";
import { sessionMark } from "../../components/session-mark.tsx";
import { type ListKeys, useListKeys } from "../../keys/use-list-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { durationWords } from "../../words/duration-words.ts";
import { utcClock, utcDay } from "../../words/utc-words.ts";
import { useRowWindow } from "./use-row-window.ts";
import "./session-table.css";

/** Pixels; session-table.css has the same two. */
const rowHeight = 68;
const cardHeight = 156;
const phone = "(max-width: 47.99rem)";

/** Those beside the session itself, each with its width in session-table.css. */
const columns = [
	{ name: "kind", words: "Kind" },
	{ name: "targets", words: "Targets" },
	{ name: "who", words: "Who" },
	{ name: "when", words: "When, UTC" },
	{ name: "took", words: "Took" },
	{ name: "outcome", words: "Outcome" },
	{ name: "export", words: <span class="sr-only">Export</span> },
] as const;

/** `from`: the query of this page, for the way back to it. `keys`: for the field above, which keeps the keyboard. */
export function SessionTable({
	sessions,
	from,
	keys,
}: {
	sessions: readonly SessionSummary[];
	from: string;
	keys: Ref<ListKeys>;
}) {
	const { router } = useApp();
	const body = useRef<HTMLTableSectionElement>(null);
	const narrow = useSignal(window.matchMedia(phone).matches);
	useEffect(() => {
		const media = window.matchMedia(phone);
		const update = () => {
			narrow.value = media.matches;
		};
		media.addEventListener("change", update);
		return () => media.removeEventListener("change", update);
	}, [narrow]);
	const height = narrow.value ? cardHeight : rowHeight;
	const shown = useRowWindow(body, sessions.length, height).value;
	const list = useListKeys({
		count: sessions.length,
		group: "Record",
		next: "Next session",
		before: "Session before",
		opens: "Replay it",
		show(index) {
			const top = (body.current?.getBoundingClientRect().top ?? 0) + index * height;
			if (top < 120) window.scrollBy(0, top - 120);
			else if (top + height > window.innerHeight - 16) window.scrollBy(0, top + height - window.innerHeight + 16);
		},
		open(index) {
			const session = sessions[index];
			if (session) router.navigate(`${pageAddress.replay(session.session)}${from}`);
		},
	});
	useImperativeHandle(keys, () => list);
	return (
		<table class="list-table record-table" aria-rowcount={sessions.length + 1}>
			<thead>
				<tr>
					<th scope="col">Session</th>
					{columns.map(({ name, words }) => (
						<th key={name} scope="col" class={`record-table__${name}`}>
							{words}
						</th>
					))}
				</tr>
			</thead>
			<tbody ref={body}>
				<Undrawn height={shown.above} />
				{sessions.slice(shown.first, shown.end).map((session, i) => (
					<SessionRow
						key={session.session}
						session={session}
						index={shown.first + i}
						selected={shown.first + i === list.selected}
						from={from}
					/>
				))}
				<Undrawn height={shown.below} />
			</tbody>
		</table>
	);
}

/** Holds the room of the rows above or below that are not drawn. */
function Undrawn({ height }: { height: number }) {
	return height > 0 ? <tr class="record-table__rest" style={{ height: `${height}px` }} /> : null;
}

function SessionRow({
	session,
	index,
	selected,
	from,
}: {
	session: SessionSummary;
	index: number;
	selected: boolean;
	from: string;
}) {
	const { clock } = useApp();
	// While it is open it takes longer with every second; a closed row is not drawn again.
	const took = durationWords(
		sessionTookMs(session, session.closedAt === null ? clock.now.value : undefined) ?? Number.NaN,
	);
	return (
		<ListRow
			class="record-row"
			index={index + 2}
			selected={selected}
			href={`${pageAddress.replay(session.session)}${from}`}
			title={session.title}
			about={
				<span class="list-row__about">
					{session.ticket !== null && <>{session.ticket} · </>}
					<span class="record-row__who">{session.openedBy} · </span>
					<span class="mono">{session.runbook}</span>
				</span>
			}
		>
			<td class="record-table__kind">
				<span class="record-row__badges">
					{session.environment && <EnvironmentBadge environment={session.environment} />}
					<KindBadge kind={session.kind} />
				</span>
			</td>
			<td class="record-table__targets mono">{session.targets.join(", ")}</td>
			<td class="record-table__who">{session.openedBy}</td>
			<td class="record-table__when">
				<time dateTime={session.openedAt}>
					{utcDay(session.openedAt)}
					<span class="list-row__about mono">{utcClock(session.openedAt)}</span>
				</time>
			</td>
			<td class="record-table__took">
				{took}
				{session.closedAt === null && <span class="list-row__about">so far</span>}
			</td>
			<td class="record-table__outcome">
				<Outcome session={session} />
			</td>
			<td class="record-table__export">
				<Button
					kind="quiet"
					size="small"
					icon="download"
					label={`Export ${session.title} as a zip`}
					href={httpRoutes.exportSession(session.session)}
					download
				/>
			</td>
		</ListRow>
	);
}

function Outcome({ session }: { session: SessionSummary }) {
	const word = session.outcome ?? session.status;
	const counts = [
		`${session.done} of ${session.steps} steps`,
		...(session.skipped > 0 ? [`${session.skipped} skipped`] : []),
		...(session.notNeeded > 0 ? [`${session.notNeeded} not needed`] : []),
		...(session.failed > 0 ? [`${session.failed} failed`] : []),
	].join(", ");
	return (
		<RowOutcome {...sessionMark(word)} about={<span title={counts}>{counts}</span>}>
			{word}
		</RowOutcome>
	);
}
