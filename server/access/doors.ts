import type { IncomingHttpHeaders } from "node:http";
import { type Problem, problem } from "../../core/problem.ts";

/** Which names and pages this server knows. */
export interface DoorPolicy {
	/** The host that it is bound to. */
	bound: string;
	/** `server.hosts`: further names, without a port. */
	hosts: readonly string[];
	/** `server.origins`: pages elsewhere that may call. */
	origins: readonly string[];
}

/** What a door sees of a request. */
export interface Knock {
	method: string;
	/** The path, without its query. */
	path: string;
	upgrade: boolean;
	headers: IncomingHttpHeaders;
}

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::", "[::]", ""]);
const safe: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** The host's name and port of a Host header or an authority; null when it is neither. */
function readAuthority(text: string | undefined): { name: string; port: string } | null {
	const match = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(\d{1,5}))?$/.exec(text?.toLowerCase() ?? "");
	return match?.[1] === undefined ? null : { name: match[1], port: match[2] ?? "" };
}

/**
 * Whether the Host header names this server: a loopback name on any port (people forward ports), the bound address, or one of
 * `server.hosts`. Otherwise a page of another name could be pointed at this machine by its DNS (rebinding). No other header counts.
 */
export function checkHost(headers: IncomingHttpHeaders, policy: DoorPolicy): Problem | null {
	const host = readAuthority(headers.host);
	if (host) {
		if (loopback.has(host.name)) return null;
		if (!wildcards.has(policy.bound) && host.name === bracketed(policy.bound)) return null;
		if (policy.hosts.includes(host.name)) return null;
	}
	const named = host ? `\`${host.name}\`` : "nothing that is a host";
	return problem("host-refused", `The request names ${named} as its host.`, {
		next: `Add ${host ? named : "the name"} to \`server.hosts\` in runledger.yaml, if it is this server's.`,
	});
}

/**
 * Whether the request may come from the page that sent it. Upgrades and unsafe methods must name their origin:
 * this server's own, by the name and port that the request went to, or one of `server.origins`.
 * Safe ones go by what the browser says of the site; following a link to a page is allowed from everywhere.
 * Expects a Host that `checkHost` has let through.
 */
export function checkOrigin(knock: Knock, policy: DoorPolicy): Problem | null {
	const origin = knock.headers.origin;
	const site = single(knock.headers["sec-fetch-site"]);
	const foreign = (what: string) =>
		problem("origin-refused", what, {
			next:
				origin === undefined || origin === "null"
					? "Send an Origin that is this server's own, or one of `server.origins` in runledger.yaml."
					: `Add \`${origin.slice(0, 200)}\` to \`server.origins\` in runledger.yaml, if it is yours.`,
		});
	if (origin !== undefined && policy.origins.includes(origin)) return null;
	if (knock.upgrade || !safe.has(knock.method)) {
		if (origin === undefined) return foreign("The request does not say from which page it comes.");
		if (!isOwn(origin, knock.headers.host)) return foreign(`The request comes from \`${origin.slice(0, 200)}\`.`);
		if (site !== undefined && site !== "same-origin") return foreign(`The request comes from another site (${site}).`);
		return null;
	}
	if (origin !== undefined && !isOwn(origin, knock.headers.host)) {
		return foreign(`The request comes from \`${origin.slice(0, 200)}\`.`);
	}
	if (site === undefined || site === "same-origin" || site === "none") return null;
	const isLink =
		single(knock.headers["sec-fetch-mode"]) === "navigate" && single(knock.headers["sec-fetch-dest"]) === "document";
	if (isLink && isPage(knock.path)) return null;
	return foreign(`The request comes from another site (${site}).`);
}

/** Addresses that show a page, as opposed to those that give data. */
export function isPage(path: string): boolean {
	return !/^\/(api|socket|terminal|metrics|healthz)(\/|$)/.test(path);
}

/**
 * The very host and port that the request went to. Another port of this machine is another program's page, and a browser sends
 * our cookie with its requests: cookies know no ports. Loopback names stand for each other on the same port.
 */
function isOwn(origin: string, hostHeader: string | undefined): boolean {
	const match = /^https?:\/\/(.+)$/.exec(origin);
	const page = readAuthority(match?.[1]);
	const host = readAuthority(hostHeader);
	if (!page || !host || page.port !== host.port) return false;
	return page.name === host.name || (loopback.has(page.name) && loopback.has(host.name));
}

function bracketed(host: string): string {
	const name = host.toLowerCase();
	return name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
}

function single(header: string | string[] | undefined): string | undefined {
	return Array.isArray(header) ? header[0] : header;
}
