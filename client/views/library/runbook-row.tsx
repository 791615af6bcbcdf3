/* One runbook of the library's table. */
import type { RunbookSummary } from "../../../core/protocol.ts";
import { Age } from "../../components/age.tsx";
import { Icon } from "../../components/icon.tsx";
import { ListRow } from "../../components/list-row.tsx";
import { RowOutcome } from "../../components/row-outcome.tsx";
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

function LastRun({ runbook }: { runbook: RunbookSummary }) {
	const { last, lastPassedAt } = runbook;
	const whose = last === null ? "" : `${last.kind}, ${last.by}`;
	if (last?.outcome === "failed") {
		return (
			<RowOutcome icon="x" tone="bad" about={last.step === undefined ? whose : `at ${last.step}`}>
				failed <Age at={last.at} />
			</RowOutcome>
		);
	}
	const freshness = freshnessOf(runbook);
	if (freshness === "never" || lastPassedAt === null) {
		return last === null ? (
			<RowOutcome about={`${countWords(runbook.steps, "step")}, ${countWords(runbook.parameters, "parameter")}`}>
				never run
			</RowOutcome>
		) : (
			<RowOutcome about={whose}>
				ran <Age at={last.at} />, not checked
			</RowOutcome>
		);
	}
	const stale = freshness === "stale";
	return (
		<RowOutcome
			icon={stale ? "alert" : "check"}
			tone={stale ? "warn" : "good"}
			about={
				stale && runbook.reviewMs !== null
					? `stale: review every ${durationWords(runbook.reviewMs).replace(/ d$/, " days")}`
					: whose
			}
		>
			passed <Age at={lastPassedAt} />
		</RowOutcome>
	);
}
