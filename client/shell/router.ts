import { computed, type ReadonlySignal, signal } from "@preact/signals";

/** The page that an address means. Paths of runbooks keep their slashes. */
export type Route =
	| { page: "library" }
	| { page: "runbook"; path: string }
	| { page: "session"; session: string }
	| { page: "record" }
	| { page: "replay"; session: string }
	| { page: "lab" }
	| { page: "not-found" };

export interface Location {
	pathname: string;
	/** With its question mark, or empty. */
	search: string;
	/** Without its `#`, decoded. */
	hash: string;
}

export interface Router {
	location: ReadonlySignal<Location>;
	route: ReadonlySignal<Route>;
	/** Goes to an address of this site; `replace` leaves no entry in the history. */
	navigate(href: string, options?: { replace?: boolean }): void;
}

/** Reads an address. Broken escapes mean that there is nothing there. */
export function readRoute(pathname: string): Route {
	let parts: string[];
	try {
		parts = pathname.split("/").filter(Boolean).map(decodeURIComponent);
	} catch {
		return { page: "not-found" };
	}
	const [first, second] = parts;
	if (first === undefined) return { page: "library" };
	if (first === "runbooks" && second !== undefined) return { page: "runbook", path: parts.slice(1).join("/") };
	if (first === "sessions" && second !== undefined && parts.length === 2) return { page: "session", session: second };
	if (first === "record" && second === undefined) return { page: "record" };
	if (first === "record" && second !== undefined && parts.length === 2) return { page: "replay", session: second };
	if (first === "lab" && second === undefined) return { page: "lab" };
	return { page: "not-found" };
}

/** Addresses of pages, so that no page writes one by hand. */
export const pageAddress = {
	library: "/",
	runbook: (path: string) => `/runbooks/${path.split("/").map(encodeURIComponent).join("/")}`,
	session: (session: string, step?: string) =>
		`/sessions/${encodeURIComponent(session)}${step === undefined ? "" : `#${encodeURIComponent(step)}`}`,
	record: "/record",
	replay: (session: string) => `/record/${encodeURIComponent(session)}`,
	lab: "/lab",
} as const;

/** Follows the window's address; takes plain clicks on links of this site, so that no page is loaded anew. */
export function createRouter(window: Window): Router {
	const location = signal(readLocation(window));
	const update = () => {
		location.value = readLocation(window);
	};
	window.addEventListener("popstate", update);
	window.addEventListener("hashchange", update);
	const navigate: Router["navigate"] = (href, { replace = false } = {}) => {
		const before = window.location.pathname;
		if (replace) window.history.replaceState(null, "", href);
		else window.history.pushState(null, "", href);
		update();
		if (window.location.pathname !== before) window.scrollTo(0, 0);
	};
	window.document.addEventListener("click", (event) => {
		if (event.defaultPrevented || event.button !== 0) return;
		if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		const link = (event.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
		if (!link || link.target === "_blank" || link.hasAttribute("download")) return;
		if (link.origin !== window.location.origin || readRoute(link.pathname).page === "not-found") return;
		// A link to a place in this page is the browser's own business.
		if (link.pathname === window.location.pathname && link.search === window.location.search && link.hash !== "")
			return;
		event.preventDefault();
		navigate(link.pathname + link.search + link.hash);
	});
	let known: Route = readRoute(location.value.pathname);
	const route = computed(() => {
		const next = readRoute(location.value.pathname);
		// The same page stays the same object: a changed hash must not mount it anew.
		if (JSON.stringify(next) !== JSON.stringify(known)) known = next;
		return known;
	});
	return { location, route, navigate };
}

function readLocation(window: Window): Location {
	const { pathname, search, hash } = window.location;
	let place = hash.slice(1);
	try {
		place = decodeURIComponent(place);
	} catch {
		// A hand-typed hash that is not valid stays as it is.
	}
	return { pathname, search, hash: place };
}
