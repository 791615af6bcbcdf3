/* A person as one or two letters in a circle; the whole name on hover and read aloud. `driving` draws the ring. */
import { initialsOf } from "../words/initials-of.ts";
import "./person-mark.css";

export function PersonMark({ name, driving = false }: { name: string; driving?: boolean }) {
	const letters = initialsOf(name);
	const title = driving ? `${name} drives` : name;
	return (
		<span class={`person-mark ${driving ? "person-mark--driving" : ""}`} title={title} role="img" aria-label={title}>
			{letters}
		</span>
	);
}
