const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A year: nothing in a runbook waits longer, and timers keep their meaning. */
const longestMs = 366 * 86_400_000;

/**
 * Reads a duration such as `500ms`, `8s`, `2m`, `1.5h`, `90d` or `1m30s` into milliseconds.
 * Null when it is none, has no unit, or is longer than a year.
 */
export function parseDuration(text: string): number | null {
	const compact = text.trim();
	if (!/^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|[smhdw]))+$/.test(compact)) return null;
	let total = 0;
	for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
		total += Number(amount) * (unitMs[unit ?? ""] ?? Number.NaN);
	}
	return Number.isFinite(total) && total <= longestMs ? Math.round(total) : null;
}
