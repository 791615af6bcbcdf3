/* The text of a step, as it is written. */
import type { Signal } from "@preact/signals";
import "./step-text.css";

/** One dialog is open at a time. */
export const stepTextId = "step-text";

export function StepText({
	value,
	rows,
	placeholder,
	focus = false,
	wrong = false,
}: {
	value: Signal<string>;
	rows: number;
	placeholder?: string;
	/** Has the focus when its dialog opens. */
	focus?: boolean;
	/** What it holds was refused. */
	wrong?: boolean;
}) {
	return (
		<textarea
			id={stepTextId}
			aria-invalid={wrong}
			class="input input--mono step-text"
			data-focus={focus ? "" : undefined}
			aria-label="The step’s text"
			placeholder={placeholder}
			spellcheck={false}
			autocapitalize="off"
			rows={rows}
			value={value.value}
			onInput={(event) => {
				value.value = event.currentTarget.value;
			}}
		/>
	);
}
