import { stringifySetCookie } from "cookie";
import { type Express, type Request, type Response, urlencoded } from "express";
import { rateLimit } from "express-rate-limit";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";
import { httpRoutes } from "../../core/protocol.ts";
import { isNavigation, originOf } from "../access/gate.ts";
import { readCookie } from "../access/read-cookie.ts";
import { safeNext } from "../access/safe-next.ts";
import type { ServerJournal } from "../access/server-journal.ts";
import { noticePage, signInPage, signInStyle } from "../access/sign-in-page.ts";
import { type SignIns, signInLifeMs } from "../access/sign-ins.ts";
import type { Callers } from "./callers.ts";
import { sendProblem } from "./problem-response.ts";

/** Wrong links from one address in a minute, before it has to wait. */
const mostFailures = 10;

/** Coming in and going out. */
export function addSignInRoutes(
	app: Express,
	{ signIns, journal, callers }: { signIns: SignIns; journal: ServerJournal; callers: Callers },
): void {
	// A form's POST carries `Origin: null` where the policy is no-referrer; no address leaves this site by this one either.
	const formPage = (response: Response, status: number, html: string) =>
		response
			.status(status)
			.set("referrer-policy", "same-origin")
			.set("cache-control", "no-store")
			.type("html")
			.send(html);

	const tell = (request: Request, response: Response, told: Problem) => {
		const { status, title, next } = problemCatalogue[told.code];
		if (isNavigation(request) || (request.headers.accept ?? "").includes("text/html")) {
			formPage(response, status, noticePage(title, told.detail, told.next ?? next));
		} else sendProblem(response, told);
	};

	app.get("/sign-in.css", (_request, response) => {
		response.set("cache-control", "max-age=3600").type("css").send(signInStyle);
	});
	app.get("/favicon.ico", (_request, response) => {
		response.status(204).end();
	});

	app.get(httpRoutes.signIn, (request, response) => {
		const { token, next } = request.query;
		const works = typeof token === "string" && signIns.linkWorks(token);
		if (!works && signIns.identify(readCookie(request, signIns.cookieName)) !== null) {
			// In another window of this browser somebody has signed in since, or by this very link before.
			response.set("cache-control", "no-store").redirect(303, safeNext(next));
			return;
		}
		if (works) {
			formPage(response, 200, signInPage(token, safeNext(next)));
			return;
		}
		const code = typeof token === "string" ? "sign-in-expired" : "not-signed-in";
		tell(request, response, problem(code, problemCatalogue[code].title));
	});

	app.post(
		httpRoutes.signIn,
		rateLimit({
			windowMs: 60_000,
			limit: mostFailures,
			skipSuccessfulRequests: true,
			legacyHeaders: false,
			// Only the connection's own address counts; a forwarded one is anybody's claim.
			keyGenerator: (request) => request.socket.remoteAddress ?? "",
			validate: false,
			handler: (request, response) =>
				tell(request, response, problem("too-many-requests", "Too many sign-ins failed from this address.")),
		}),
		urlencoded({ extended: false, limit: "8kb", parameterLimit: 10 }),
		async (request, response) => {
			const { token, name, next } = (request.body ?? {}) as Record<string, unknown>;
			try {
				if (typeof token !== "string" || typeof name !== "string") {
					throw new ProblemError("bad-request", "A sign-in needs `token` and `name`.");
				}
				const { identity, cookie } = signIns.consume(token, name, readCookie(request, signIns.cookieName));
				try {
					await journal.append(
						{
							type: "access.signed-in",
							data: { person: identity.id, name: { content: identity.name }, signIn: identity.signIn },
						},
						identity,
						originOf(request),
					);
				} catch (error) {
					// Nobody comes in unrecorded.
					signIns.end(identity.signIn);
					throw error;
				}
				response.set(
					"set-cookie",
					stringifySetCookie(signIns.cookieName, cookie, {
						httpOnly: true,
						sameSite: "strict",
						path: "/",
						maxAge: Math.floor(signInLifeMs / 1000),
						// Where TLS ends before this server, the page's own origin tells; the doors have checked it.
						secure: request.headers.origin?.startsWith("https://") === true,
					}),
				);
				response.set("cache-control", "no-store").redirect(303, safeNext(next));
			} catch (error) {
				if (!(error instanceof ProblemError)) throw error;
				tell(request, response, error.problem);
			}
		},
	);

	app.get(httpRoutes.signedIn, (request, response) => {
		callers.of(request);
		response.set("cache-control", "no-store").status(204).end();
	});

	app.post(httpRoutes.signOut, async (request, response) => {
		const caller = callers.of(request);
		// First the door, then the record: a record that can't be written keeps nobody in.
		signIns.end(caller.identity.signIn);
		response.set(
			"set-cookie",
			stringifySetCookie(signIns.cookieName, "", { httpOnly: true, sameSite: "strict", path: "/", maxAge: 0 }),
		);
		await journal.append(
			{ type: "access.signed-out", data: { person: caller.identity.id, signIn: caller.identity.signIn } },
			caller.identity,
			caller.origin,
		);
		if ((request.headers.accept ?? "").includes("text/html")) response.redirect(303, httpRoutes.signIn);
		else response.status(204).end();
	});
}
