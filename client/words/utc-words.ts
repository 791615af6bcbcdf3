/** `02:14:07` of an ISO time, in UTC. */
export function utcClock(iso: string): string {
	return iso.slice(11, 19);
}

/** `14 Nov 2026` of an ISO time, in UTC. */
export function utcDay(iso: string): string {
	const date = new Date(iso);
	if (Number.isNaN(date.getTime())) return iso;
	return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** `14 Nov 2026, 02:14:07 UTC`. */
export function utcMoment(iso: string): string {
	return `${utcDay(iso)}, ${utcClock(iso)} UTC`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
