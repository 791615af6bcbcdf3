/* A labelled field of a form with its explanation and its error. The control is the child; it gets the id that the label points to. */
import type { ComponentChildren } from "preact";
import "./field.css";

export function Field({
	id,
	label,
	type,
	required = false,
	hint,
	error,
	children,
}: {
	id: string;
	label: ComponentChildren;
	/** The kind of value, e.g. `duration`. */
	type?: string | undefined;
	required?: boolean;
	hint?: ComponentChildren;
	error?: ComponentChildren;
	children: ComponentChildren;
}) {
	return (
		<div class={`field ${error === undefined ? "" : "field--error"}`}>
			<label class="field__label" for={id}>
				{label}
				{type !== undefined && <span class="field__type">{type}</span>}
				{required && <span class="field__type">required</span>}
			</label>
			{children}
			{hint !== undefined && hint !== "" && <div class="field__hint">{hint}</div>}
			{error !== undefined && (
				<div id={`${id}-error`} class="field__error" role="alert">
					{error}
				</div>
			)}
		</div>
	);
}
