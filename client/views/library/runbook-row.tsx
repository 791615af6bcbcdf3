/* One runbook of the library's table. */
import type { RunbookSummary } from "../../../core/protocol.ts";
import { Age } from "../../components/age.tsx";
import { Icon } from "../../components/icon.tsx";
import { ListRow } from "../../components/list-row.tsx";
import { RowOutcome } from "../../components/row-outcome.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { pageAddress } from "../../shell/router.ts";
import { countWords } from "../../words/count-words.ts";
import { durationWords } from "../../words/duration-words.ts";
import { freshnessOf } from "./filter-runbooks.ts";
import "./runbook-row.css";

export function RunbookRow({ id, runbook, selected }: { id: string; runbook: RunbookSummary; selected: boolean }) {
	return (
		<ListRow
			id={id}
			class="library-row"
			selected={selected}
			href={pageAddress.runbook(runbook.path)}
			title={runbook.title}
			about={
				<>
					<span class="list-row__about">{runbook.summary}</span>
					{runbook.errors > 0 && (
						<span class="library-row__errors">
							<Icon name="circle-alert" size={13} /> {countWords(runbook.errors, "error")}: can’t be started
						</span>
					)}
				</>
			}
		>
			<td class="mono">{runbook.systems.join(", ")}</td>
			<td class="mono">{runbook.severity}</td>
			<td class="mono">{runbook.owner}</td>
			<td>
				<LastRun runbook={runbook} />
			</td>
			<td class="mono library-table__number">{runbook.usuallyMs === null ? "" : durationWords(runbook.usuallyMs)}</td>
		</ListRow>
	);
}

/** The last run that passed and how fresh it is; below it, what the newest one came to when that is another. */
function LastRun({ runbook }: { runbook: RunbookSummary }) {
	const { last, lastPassedAt } = runbook;
	if (last === null) {
		return (
			<RowOutcome about={`${countWords(runbook.steps, "step")}, ${countWords(runbook.parameters, "parameter")}`}>
				never run
			</RowOutcome>
		);
	}
	const whose = `${last.kind}, ${last.by}`;
	if (lastPassedAt === null) {
		return last.outcome === "failed" ? (
			<RowOutcome about={<Newest last={last} />}>never passed</RowOutcome>
		) : (
			<RowOutcome about={whose}>
				ran <Age at={last.at} />, not checked
			</RowOutcome>
		);
	}
	const stale = freshnessOf(runbook) === "stale";
	const since = last.outcome !== "passed";
	const review =
		stale && runbook.reviewMs !== null
			? `stale: review every ${durationWords(runbook.reviewMs).replace(/ d$/, " days")}`
			: null;
	return (
		<RowOutcome
			icon={stale ? "alert" : "check"}
			tone={stale ? "warn" : "good"}
			about={since ? <Newest last={last} /> : (review ?? whose)}
		>
			<span title={review ?? undefined}>
				passed <Age at={lastPassedAt} />
				{since && stale && ", stale"}
			</span>
		</RowOutcome>
	);
}

/** The newest run, where it is not the one that passed. */
function Newest({ last }: { last: NonNullable<RunbookSummary["last"]> }) {
	const where = last.step === undefined ? "" : `, at “${last.step}”`;
	return (
		<span class="library-row__newest" title={`${last.kind}, ${last.by}${where}`}>
			{last.outcome === "failed" ? (
				<>
					<StateMark state="failed" words size={13} /> <Age at={last.at} />
					{where}
				</>
			) : (
				<>
					ran <Age at={last.at} />, not checked
				</>
			)}
		</span>
	);
}
