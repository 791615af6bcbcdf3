/* One runbook of the library's table. */
import type { RunbookSummary } from "../../../core/protocol.ts";
import { Age } from "../../components/age.tsx";
import { Icon } from "../../components/icon.tsx";
import { pageAddress } from "../../shell/router.ts";
import { countWords } from "../../words/count-words.ts";
import { durationWords } from "../../words/duration-words.ts";
import { freshnessOf } from "./filter-runbooks.ts";

export function RunbookRow({ id, runbook, selected }: { id: string; runbook: RunbookSummary; selected: boolean }) {
	return (
		<tr id={id} class="library-row" aria-selected={selected}>
			<th scope="row">
				<a class="library-row__link" href={pageAddress.runbook(runbook.path)}>
					{runbook.title}
				</a>
				<span class="library-row__about">{runbook.summary}</span>
				{runbook.errors > 0 && (
					<span class="library-row__errors">
						<Icon name="circle-alert" size={13} /> {countWords(runbook.errors, "error")}: can’t be started
					</span>
				)}
			</th>
			<td class="mono">{runbook.systems.join(", ")}</td>
			<td class="mono">{runbook.severity}</td>
			<td class="mono">{runbook.owner}</td>
			<td>
				<LastRun runbook={runbook} />
			</td>
			<td class="mono library-table__number">{runbook.usuallyMs === null ? "" : durationWords(runbook.usuallyMs)}</td>
		</tr>
	);
}

function LastRun({ runbook }: { runbook: RunbookSummary }) {
	const { last, lastPassedAt } = runbook;
	if (last?.outcome === "failed") {
		return (
			<div class="library-last library-last--bad">
				<Icon name="x" />
				<span>
					failed <Age at={last.at} />
				</span>
				<span class="library-row__about">
					{last.step === undefined ? `${last.kind}, ${last.by}` : `at ${last.step}`}
				</span>
			</div>
		);
	}
	const freshness = freshnessOf(runbook);
	if (freshness === "never" || lastPassedAt === null) {
		return (
			<div class="library-last library-last--plain">
				{last === null ? (
					<span>never run</span>
				) : (
					<span>
						ran <Age at={last.at} />, not checked
					</span>
				)}
				<span class="library-row__about">
					{last === null
						? `${countWords(runbook.steps, "step")}, ${countWords(runbook.parameters, "parameter")}`
						: `${last.kind}, ${last.by}`}
				</span>
			</div>
		);
	}
	return (
		<div class={`library-last library-last--${freshness === "stale" ? "warn" : "good"}`}>
			<Icon name={freshness === "stale" ? "alert" : "check"} />
			<span>
				passed <Age at={lastPassedAt} />
			</span>
			<span class="library-row__about">
				{freshness === "stale" && runbook.reviewMs !== null
					? `stale: review every ${durationWords(runbook.reviewMs).replace(/ d$/, " days")}`
					: last === null
						? ""
						: `${last.kind}, ${last.by}`}
			</span>
		</div>
	);
}
