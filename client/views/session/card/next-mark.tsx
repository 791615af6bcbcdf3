/* Stands on the step, or the group, that Enter is about. */
import "./next-mark.css";

export function NextMark() {
	return <span class="next-mark">NEXT</span>;
}
