/* The filters of the record: each is a word and a choice; those that are set stand out, and one press takes them all away. */
import { Button } from "../../components/button.tsx";
import { anyRecord, type Choices, isFiltered, kinds, outcomes, type RecordFilter } from "./record-filter.ts";

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
			<Choose name="kind" value={filter.kind} options={kinds} onChange={(kind) => set({ kind })} />
			<Choose name="outcome" value={filter.outcome} options={outcomes} onChange={(outcome) => set({ outcome })} />
			<Choose name="target" value={filter.target} options={choices.target} onChange={(target) => set({ target })} />
			<Choose name="person" value={filter.person} options={choices.person} onChange={(person) => set({ person })} />
			<Choose
				name="runbook"
				value={filter.runbook}
				options={choices.runbook}
				onChange={(runbook) => set({ runbook })}
			/>
			<Day name="from" value={filter.from} onChange={(from) => set({ from })} />
			<Day name="to" value={filter.to} onChange={(to) => set({ to })} />
			{isFiltered(filter) && (
				<Button kind="quiet" size="small" icon="x" onClick={() => set({ ...anyRecord, q: filter.q })}>
					Clear
				</Button>
			)}
		</fieldset>
	);
}

function Choose({
	name,
	value,
	options,
	onChange,
}: {
	name: string;
	value: string;
	options: readonly string[];
	onChange: (value: string) => void;
}) {
	const all = value === "" || options.includes(value) ? options : [value, ...options];
	return (
		<label class={`record-filter ${value === "" ? "" : "record-filter--set"}`}>
			<span>{name}:</span>
			<select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
				<option value="">any</option>
				{all.map((option) => (
					<option key={option} value={option}>
						{option}
					</option>
				))}
			</select>
		</label>
	);
}

function Day({ name, value, onChange }: { name: string; value: string; onChange: (value: string) => void }) {
	return (
		<label class={`record-filter ${value === "" ? "" : "record-filter--set"}`} title="Days are UTC, both included">
			<span>{name}:</span>
			<input type="date" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
		</label>
	);
}
