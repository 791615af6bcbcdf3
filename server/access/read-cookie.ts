import type { IncomingMessage } from "node:http";
import { parseCookie } from "cookie";

/** One cookie of a request. */
export function readCookie(request: IncomingMessage, name: string): string | undefined {
	const header = request.headers.cookie;
	return header === undefined ? undefined : parseCookie(header)[name];
}
