/** A text for where no code can be set apart, e.g. a terminal: what stands in backticks stands in plain quotes. */
export function plainQuotes(text: string): string {
	return text.replace(/`([^`\n]+)`/g, "'$1'");
}
