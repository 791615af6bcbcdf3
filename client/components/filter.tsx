/* One filter of a list: a word and what is chosen for it, one of a few values or a day. One that is set stands out. */
import { useId } from "preact/hooks";
import "./filter.css";

export function Filter({
	name,
	value,
	options,
	title,
	onChange,
}: {
	name: string;
	/** Empty: any. A value that the address asks for and that no longer occurs is kept. */
	value: string;
	options: readonly string[] | "days";
	title?: string;
	onChange: (value: string) => void;
}) {
	const id = useId();
	return (
		<label for={id} class={`filter ${value === "" ? "" : "filter--set"}`} title={title}>
			<span>{name}:</span>
			{options === "days" ? (
				<input id={id} type="date" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
			) : (
				<select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
					<option value="">any</option>
					{(value === "" || options.includes(value) ? options : [value, ...options]).map((option) => (
						<option key={option} value={option}>
							{option}
						</option>
					))}
				</select>
			)}
		</label>
	);
}
