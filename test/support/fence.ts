/** A fenced code block with its attributes, as a test's runbook holds it. */
export function fence(word: string, attributes: Record<string, unknown>, body: string): string {
	return `\`\`\`${word} ${JSON.stringify(attributes)}\n${body}\n\`\`\`\n\n`;
}
