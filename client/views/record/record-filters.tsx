/* The filters of the record: each is a word and a choice; those that are set stand out, and one press takes them all away. */
import { Button } from "../../components/button.tsx";
import { Filter } from "../../components/filter.tsx";
import { anyRecord, type Choices, isFiltered, kinds, outcomes, type RecordFilter } from "./record-filter.ts";
import "./record-filters.css";

const utcDays = "Days are UTC, both included";

export function RecordFilters({
	filter,
	choices,
	set,
}: {
	filter: RecordFilter;
	choices: Choices;
	set: (change: Partial<RecordFilter>) => void;
}) {
	return (
		<fieldset class="record-filters">
			<legend class="sr-only">Filters</legend>
			<Filter name="kind" value={filter.kind} options={kinds} onChange={(kind) => set({ kind })} />
			<Filter name="outcome" value={filter.outcome} options={outcomes} onChange={(outcome) => set({ outcome })} />
			<Filter name="target" value={filter.target} options={choices.target} onChange={(target) => set({ target })} />
			<Filter name="person" value={filter.person} options={choices.person} onChange={(person) => set({ person })} />
			<Filter
				name="runbook"
				value={filter.runbook}
				options={choices.runbook}
				onChange={(runbook) => set({ runbook })}
			/>
			<Filter name="from" value={filter.from} options="days" title={utcDays} onChange={(from) => set({ from })} />
			<Filter name="to" value={filter.to} options="days" title={utcDays} onChange={(to) => set({ to })} />
			{isFiltered(filter) && (
				<Button kind="quiet" size="small" icon="x" onClick={() => set({ ...anyRecord, q: filter.q })}>
					Clear
				</Button>
			)}
		</fieldset>
	);
}
