import type { RequestHandler } from "express";
import helmet from "helmet";

/**
 * The headers of every answer. Scripts only from this server and never inline. Styles may be inline, because the terminal
 * writes its palette and cell sizes into style elements; what comes from runbooks is sanitised before it gets here.
 * Pictures: this server's, and what the page itself made or is about to paste.
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
