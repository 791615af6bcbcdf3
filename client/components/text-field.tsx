/* A field of one line whose text is kept in a signal. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Field } from "./field.tsx";

export function TextField({
	id,
	label,
	value,
	required = false,
	hint,
	placeholder,
	focus = false,
	mono = false,
	suggestions,
}: {
	id: string;
	label: string;
	value: Signal<string>;
	required?: boolean;
	hint?: ComponentChildren;
	placeholder?: string;
	/** Has the focus when its dialog opens. */
	focus?: boolean;
	mono?: boolean;
	suggestions?: readonly string[];
}) {
	return (
		<Field id={id} label={label} required={required} hint={hint}>
			<input
				id={id}
				class={mono ? "input input--mono" : "input"}
				data-focus={focus ? "" : undefined}
				autocomplete="off"
				placeholder={placeholder}
				list={suggestions === undefined ? undefined : `${id}-suggestions`}
				value={value.value}
				onInput={(event) => {
					value.value = event.currentTarget.value;
				}}
			/>
			{suggestions !== undefined && (
				<datalist id={`${id}-suggestions`}>
					{suggestions.map((suggestion) => (
						<option key={suggestion} value={suggestion} />
					))}
				</datalist>
			)}
		</Field>
	);
}
