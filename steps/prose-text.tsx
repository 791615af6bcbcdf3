/**
 * Text of a fence as paragraphs: a blank line parts them, a single line break is only where the author's editor wrapped.
 * Lines of a list, and those that are indented, keep their breaks.
 */
export function ProseText({ text, class: className }: { text: string; class?: string }) {
	if (text.trim() === "") return null;
	return (
		<>
			{text
				.trim()
				.split(/\n\s*\n/)
				.map((paragraph, index) => (
					<p key={index} class={className} style={{ whiteSpace: "pre-line" }}>
						{unwrap(paragraph)}
					</p>
				))}
		</>
	);
}

function unwrap(paragraph: string): string {
	return paragraph.replace(/[ \t]*\n(?![ \t]|[-*+>] |\d{1,9}[.)] )/g, " ");
}
