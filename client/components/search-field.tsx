/* The field in the header that looks for something; `/` leads to it. When it is asked, and what keys mean in it, is its page's. */
import type { RefObject, TargetedInputEvent, TargetedKeyboardEvent } from "preact";
import { Icon } from "./icon.tsx";
import { KeyHint } from "./key-hint.tsx";
import "./field.css";
import "./search-field.css";

export function SearchField({
	field,
	label,
	placeholder = label,
	class: className = "",
	...input
}: {
	field: RefObject<HTMLInputElement | null>;
	/** Says what is looked through; stands in the field too, unless there is another `placeholder`. */
	label: string;
	placeholder?: string;
	class?: string;
	/** What stands in it; or, where the page reads it from the field itself, what it begins with. */
	value?: string;
	defaultValue?: string;
	onInput: (event: TargetedInputEvent<HTMLInputElement>) => void;
	onKeyDown: (event: TargetedKeyboardEvent<HTMLInputElement>) => void;
}) {
	return (
		<label class={`search-field ${className}`}>
			<span class="sr-only">{label}</span>
			<Icon name="search" size={15} />
			<input ref={field} class="input" type="search" placeholder={placeholder} {...input} />
			<KeyHint keys="/" />
		</label>
	);
}
