/* A choice of a few numbers that stands in a line of words or in a bar. */
import type { ComponentChildren } from "preact";
import "./small-select.css";

export function SmallSelect<T extends number>({
	label,
	value,
	options,
	words,
	choose,
	after,
}: {
	/** Stands before it and names it. */
	label: ComponentChildren;
	value: T;
	options: readonly T[];
	words: (option: T) => string;
	choose: (option: T) => void;
	/** Ends the sentence that `label` began. */
	after?: string;
}) {
	return (
		<label class="small-select">
			{label}
			<select
				value={String(value)}
				onChange={(event) => {
					const chosen = options[event.currentTarget.selectedIndex];
					if (chosen !== undefined) choose(chosen);
				}}
			>
				{options.map((option) => (
					<option key={option} value={String(option)}>
						{words(option)}
					</option>
				))}
			</select>
			{after}
		</label>
	);
}
