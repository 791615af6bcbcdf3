import type { SessionState } from "./session-state.ts";

/**
 * How long a session took, in milliseconds: from when it was opened to when it was closed, while it is open to `now` (Unix
 * milliseconds). The one measure wherever a session's length is told or compared. Null when it is not known, or the clock
 * was set back in it.
 */
export function sessionTookMs(
	{ openedAt, closedAt }: { openedAt?: SessionState["openedAt"]; closedAt?: string | null | undefined },
	now = Number.NaN,
): number | null {
	if (openedAt === undefined) return null;
	const ms = (closedAt === undefined || closedAt === null ? now : Date.parse(closedAt)) - Date.parse(openedAt);
	return ms >= 0 ? ms : null;
}
