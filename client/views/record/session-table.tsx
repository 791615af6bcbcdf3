/* The sessions as a table of rows of one height, of which only those in sight are drawn. j and k move, Enter opens. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { httpRoutes, type SessionSummary } from "../../../core/protocol.ts";
import { EnvironmentBadge, KindBadge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { useKeys } from "../../keys/use-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { durationWords } from "../../words/duration-words.ts";
import { utcClock, utcDay } from "../../words/utc-words.ts";
import { useRowWindow } from "./use-row-window.ts";

/** Pixels; record-page.css has the same two. */
const rowHeight = 68;
const cardHeight = 156;
const phone = "(max-width: 47.99rem)";

export function SessionTable({ sessions }: { sessions: readonly SessionSummary[] }) {
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
	const at = useSignal(0);
	const selected = Math.min(at.value, sessions.length - 1);
	const move = (by: number) => {
		at.value = Math.min(Math.max(0, selected + by), sessions.length - 1);
		const top = (body.current?.getBoundingClientRect().top ?? 0) + at.value * height;
		if (top < 120) window.scrollBy(0, top - 120);
		else if (top + height > window.innerHeight - 16) window.scrollBy(0, top + height - window.innerHeight + 16);
	};
	const open = () => {
		const session = sessions[selected];
		if (session) router.navigate(pageAddress.replay(session.session));
	};
	useKeys([
		{ keys: "j", group: "Record", label: "Next session", repeats: true, run: () => move(1) },
		{ keys: "k", group: "Record", label: "Session before", repeats: true, run: () => move(-1) },
		{ keys: "ArrowDown", group: "Record", label: "Next session", repeats: true, run: () => move(1) },
		{ keys: "ArrowUp", group: "Record", label: "Session before", repeats: true, run: () => move(-1) },
		{ keys: "Enter", group: "Record", label: "Replay it", hidden: true, run: open },
	]);
	return (
		<table class="record-table" aria-rowcount={sessions.length + 1}>
			<thead>
				<tr>
					<th scope="col">Session</th>
					<th scope="col" class="record-table__kind">
						Kind
					</th>
					<th scope="col" class="record-table__targets">
						Targets
					</th>
					<th scope="col" class="record-table__who">
						Who
					</th>
					<th scope="col" class="record-table__when">
						When, UTC
					</th>
					<th scope="col" class="record-table__took">
						Took
					</th>
					<th scope="col" class="record-table__outcome">
						Outcome
					</th>
					<th scope="col" class="record-table__export">
						<span class="sr-only">Export</span>
					</th>
				</tr>
			</thead>
			<tbody ref={body}>
				{shown.above > 0 && <tr class="record-table__rest" style={{ height: `${shown.above}px` }} />}
				{sessions.slice(shown.first, shown.end).map((session, i) => (
					<SessionRow
						key={session.session}
						session={session}
						index={shown.first + i}
						selected={shown.first + i === selected}
					/>
				))}
				{shown.below > 0 && <tr class="record-table__rest" style={{ height: `${shown.below}px` }} />}
			</tbody>
		</table>
	);
}

function SessionRow({ session, index, selected }: { session: SessionSummary; index: number; selected: boolean }) {
	const { clock } = useApp();
	const end = session.closedAt === null ? clock.now.value : Date.parse(session.closedAt);
	const took = durationWords(end - Date.parse(session.openedAt));
	return (
		<tr class="record-row" aria-selected={selected} aria-rowindex={index + 2}>
			<th scope="row">
				<a class="record-row__link" href={pageAddress.replay(session.session)}>
					{session.title}
				</a>
				<span class="record-row__about">
					{session.ticket !== null && <>{session.ticket} · </>}
					<span class="record-row__who">{session.openedBy} · </span>
					<span class="mono">{session.runbook}</span>
				</span>
			</th>
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
					<span class="record-row__about mono">{utcClock(session.openedAt)}</span>
				</time>
			</td>
			<td class="record-table__took">
				{took}
				{session.closedAt === null && <span class="record-row__about">so far</span>}
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
		</tr>
	);
}

const outcomeMarks: Record<string, { icon: IconName; tone: string }> = {
	resolved: { icon: "check", tone: "good" },
	mitigated: { icon: "check", tone: "warn" },
	failed: { icon: "x", tone: "bad" },
	abandoned: { icon: "ban", tone: "faint" },
	open: { icon: "circle-dot", tone: "accent" },
};

function Outcome({ session }: { session: SessionSummary }) {
	const word = session.outcome ?? session.status;
	const { icon, tone } = outcomeMarks[word] ?? { icon: "circle-help" as const, tone: "faint" };
	return (
		<span class={`record-outcome record-outcome--${tone}`}>
			<Icon name={icon} />
			<span>{word}</span>
			<span class="record-row__about">
				{session.done} of {session.steps} steps{session.skipped > 0 && `, ${session.skipped} skipped`}
				{session.failed > 0 && `, ${session.failed} failed`}
			</span>
		</span>
	);
}
