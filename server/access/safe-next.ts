/** Where to go after signing in: a path of this server, never another host (`//evil`, `/\evil`, `https:evil`). */
export function safeNext(next: unknown): string {
	if (typeof next !== "string" || next.length > 2000 || !next.startsWith("/")) return "/";
	const base = "http://runledger.invalid";
	try {
		const url = new URL(next, base);
		if (url.origin !== base || url.pathname.startsWith("//")) return "/";
		return `${url.pathname}${url.search}${url.hash}`;
	} catch {
		return "/";
	}
}
