/* How a lab or one of its nodes is: a word with its mark, coloured by how good that is. */
import type { ComponentChildren } from "preact";
import { Icon } from "../../components/icon.tsx";
import type { StateWords } from "./lab-words.ts";
import "./lab-state.css";

export function LabState({
	state: { word, icon, tone },
	announced = false,
	children,
}: {
	state: StateWords;
	/** Read aloud when it changes. */
	announced?: boolean;
	/** What is said after the word. */
	children?: ComponentChildren;
}) {
	return (
		<span class={`lab-state lab-state--${tone}`} role={announced ? "status" : undefined}>
			<Icon name={icon} class={icon === "loader" ? "icon--turning" : ""} /> {word}
			{children}
		</span>
	);
}
