import type { Runbook } from "../../core/runbook.ts";
import { parseRunbook } from "../../server/runbooks/parse-runbook.ts";
import { stepTypes } from "../../steps/index.ts";

/** Parses the text of a runbook as `lib/test.md`, with all step types. */
export function parseText(source: string | Uint8Array, limits = { bytes: 1024 * 1024, steps: 1_000 }): Runbook {
	return parseRunbook(source, { path: "lib/test.md", stepTypes: Object.values(stepTypes), limits });
}

/** A fenced block. */
export const fence = (info: string, body = "true") => `\`\`\`${info}\n${body}\n\`\`\`\n`;

/** A document that begins with this front matter. */
export const front = (yaml: string, rest = "") => `---\n${yaml}\n---\n${rest}`;
