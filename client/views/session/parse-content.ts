import type { Content } from "../../../core/session-event.ts";

/** The JSON that a content holds; undefined when it is absent, erased or none. The caller knows its form. */
export function parseContent<T>(content: Content | undefined): T | undefined {
	if (content?.content === undefined) return undefined;
	try {
		return JSON.parse(content.content) as T;
	} catch {
		return undefined;
	}
}

/** The text of a content; what was erased is said so. */
export function contentText(content: Content | undefined): string {
	if (content === undefined) return "";
	return content.content ?? `[erased, ${content.bytes} bytes]`;
}
