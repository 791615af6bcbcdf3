/* A person as two letters in a circle; the whole name on hover and read aloud. `driving` draws the ring. */
import "./person-mark.css";

export function PersonMark({ name, driving = false }: { name: string; driving?: boolean }) {
	const letters = [...name.replace(/[^\p{L}\p{N} ]/gu, "")].slice(0, 2).join("").toUpperCase() || "?";
	const title = driving ? `${name} drives` : name;
	return (
		<span class={`person-mark ${driving ? "person-mark--driving" : ""}`} title={title} role="img" aria-label={title}>
			{letters}
		</span>
	);
}
