/* What the library can be narrowed to: only what occurs in it is offered. */
import type { RunbookSummary } from "../../../core/protocol.ts";
import { Filter } from "../../components/filter.tsx";
import { type LibraryFilter, occurring } from "./filter-runbooks.ts";

export function LibraryFilters({
	runbooks,
	filter,
	set,
}: {
	runbooks: readonly RunbookSummary[];
	filter: LibraryFilter;
	set: (change: Partial<LibraryFilter>) => void;
}) {
	const systems = occurring(runbooks.flatMap((r) => r.systems));
	const severities = occurring(runbooks.map((r) => r.severity));
	return (
		<div class="library__filters">
			{systems.length > 0 && (
				<Filter name="system" value={filter.system} options={systems} onChange={(system) => set({ system })} />
			)}
			{severities.length > 0 && (
				<Filter
					name="severity"
					value={filter.severity}
					options={severities}
					onChange={(severity) => set({ severity })}
				/>
			)}
			<Filter
				name="freshness"
				value={filter.freshness}
				options={["fresh", "stale", "never"]}
				onChange={(freshness) => set({ freshness: freshness as LibraryFilter["freshness"] })}
			/>
		</div>
	);
}
