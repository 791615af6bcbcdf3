/* A key as it stands on the keyboard: `<KeyHint keys="Enter" />`. Several: `keys="g l"`. */
import "./key-hint.css";

const shown: Record<string, string> = { Enter: "↵", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", Space: "␣" };

export function KeyHint({ keys }: { keys: string }) {
	return (
		<span class="key-hint" aria-hidden="true">
			{keys.split(" ").map((key) => (
				<kbd key={key}>
					{key
						.split("+")
						.map((part) => shown[part] ?? part)
						.join("+")}
				</kbd>
			))}
		</span>
	);
}
