import type { PlanCommand } from "./plan.ts";

/** Whether what was sent to a node is this command of the plan; a text with a placeholder is known by what stands before it. */
export function isSentAs({ node, text }: PlanCommand, sent: { node: string; text: string }): boolean {
	if (sent.node !== node.name) return false;
	const cut = text.indexOf("{{");
	return cut < 0 ? sent.text === text : sent.text.startsWith(text.slice(0, cut));
}
