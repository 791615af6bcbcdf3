import type { ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import helmet from "helmet";

/** What an answer may do that is no page: nothing. `frame-ancestors` does not follow from `default-src`, so it is said. */
export const inertPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The headers of an answer that does not come from the application: refusals, redirects, socket.io's polling. */
export const inertHeaders = {
	"content-security-policy": inertPolicy,
	"x-frame-options": "DENY",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
	"cross-origin-resource-policy": "same-origin",
} as const;

/** Gives an answer the headers above; whoever answers may replace each. */
export function makeInert(response: ServerResponse): void {
	for (const [name, value] of Object.entries(inertHeaders)) response.setHeader(name, value);
}

/**
 * The headers of the application's answers. Scripts only from this server and never inline. Styles may be inline, because
 * the terminal writes its palette and cell sizes into style elements; what comes from runbooks is sanitised before it gets
 * here. Pictures: this server's, and what the page itself made or is about to paste.
 */
export function securityHeaders(): RequestHandler {
	return helmet({
		contentSecurityPolicy: {
			useDefaults: false,
			directives: {
				defaultSrc: ["'none'"],
				scriptSrc: ["'self'"],
				scriptSrcAttr: ["'none'"],
				styleSrc: ["'self'", "'unsafe-inline'"],
				imgSrc: ["'self'", "data:", "blob:"],
				fontSrc: ["'self'"],
				connectSrc: ["'self'"],
				workerSrc: ["'self'"],
				manifestSrc: ["'self'"],
				formAction: ["'self'"],
				baseUri: ["'none'"],
				objectSrc: ["'none'"],
				frameAncestors: ["'none'"],
			},
		},
		crossOriginOpenerPolicy: { policy: "same-origin" },
		crossOriginResourcePolicy: { policy: "same-origin" },
		referrerPolicy: { policy: "no-referrer" },
		xFrameOptions: { action: "deny" },
		// This server speaks plain HTTP on loopback; whoever puts TLS before it says so there.
		strictTransportSecurity: false,
	});
}
