/**
 * Text of a fence as paragraphs: a blank line parts them, a single line break is only where the author's editor wrapped.
 * Lines of a list, and those that are indented, keep their breaks.
 */
export function ProseText({ text }: { text: string }) {
	if (text.trim() === "") return null;
	return (
		<>
			{text
				.trim()
				.split(/\n\s*\n/)
				.map((paragraph, index) => (
					<p key={index} style={{ whiteSpace: "pre-line" }}>
						<LineText text={unwrap(paragraph)} />
					</p>
				))}
		</>
	);
}

/** One line of such a text: what stands in backticks is code, everything else is as written. */
export function LineText({ text }: { text: string }) {
	return (
		<>{text.split(/`([^`\n]+)`/).map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>
	);
}

function unwrap(paragraph: string): string {
	return paragraph.replace(/[ \t]*\n(?![ \t]|[-*+>] |\d{1,9}[.)] )/g, " ");
}
