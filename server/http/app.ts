import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { type ErrorRequestHandler, type Express, static as serveFolder } from "express";
import type { Logger } from "pino";
import { ProblemError, problem } from "../../core/problem.ts";
import { httpRoutes, type RecordHealth } from "../../core/protocol.ts";
import { isNavigation } from "../access/gate.ts";
import type { Reads } from "../access/reads.ts";
import type { ServerJournal } from "../access/server-journal.ts";
import type { SignIns } from "../access/sign-ins.ts";
import type { RecordingStore } from "../records/recording-store.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Callers } from "./callers.ts";
import { inertPolicy, securityHeaders } from "./content-security.ts";
import type { Metrics } from "./metrics.ts";
import { problemFrom, sendProblem } from "./problem-response.ts";
import { addRecordRoutes } from "./record-routes.ts";
import { addSignInRoutes } from "./sign-in-routes.ts";

/** What the pages over plain HTTP are made of. Every request has passed the gate before it comes here. */
export interface AppParts {
	signIns: SignIns;
	journal: ServerJournal;
	reads: Reads;
	callers: Callers;
	sessions: Sessions;
	recordings: RecordingStore;
	metrics: Metrics;
	log: Logger;
	version: string;
	recordHealth(): RecordHealth;
	exportZip(session: string): Promise<NodeJS.ReadableStream>;
	/** The absolute path of a picture in a runbook's folder; null when it is not there or not inside. */
	runbookFile(runbook: string, file: string): Promise<string | null>;
	/** The built page. */
	clientFolder: string;
}

/** Builds the express application. */
export function createApp(parts: AppParts): Express {
	const { log, metrics } = parts;
	const app = express();
	app.disable("x-powered-by");
	app.set("trust proxy", false);
	app.set("query parser", "simple");
	// The gate judges paths as they are written; so do the routes.
	app.enable("case sensitive routing");
	app.enable("strict routing");

	app.use((request, response, next) => {
		const started = performance.now();
		response.on("finish", () => {
			metrics.requests.inc({ method: request.method, status: String(response.statusCode) });
			// The path alone: queries hold one-time tokens and what people search for.
			log.debug(
				{ method: request.method, path: request.path, status: response.statusCode, ms: performance.now() - started },
				"request",
			);
		});
		next();
	});
	app.use(securityHeaders());

	app.get(httpRoutes.health, (_request, response) => {
		const record = parts.recordHealth();
		response
			.status(record.ok ? 200 : 503)
			.set("cache-control", "no-store")
			.json({ status: record.ok ? "ok" : "record-unwritable", version: parts.version });
	});
	app.get(httpRoutes.metrics, async (_request, response) => {
		response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
	});

	addSignInRoutes(app, parts);
	addRecordRoutes(app, parts);

	app.get("/api/runbook-files/*path", async (request, response) => {
		parts.callers.of(request);
		const path = (request.params.path as unknown as string[]).join("/");
		const { file } = request.query;
		const found = typeof file === "string" ? await parts.runbookFile(path, file) : null;
		if (found === null) throw new ProblemError("not-found");
		response.set("content-security-policy", `${inertPolicy}; style-src 'unsafe-inline'; sandbox`);
		response.set("cache-control", "private, no-cache");
		await new Promise<void>((resolve, reject) =>
			response.sendFile(found, { dotfiles: "allow" }, (error) => (error ? reject(error) : resolve())),
		);
	});

	app.use((request, _response, next) => {
		if (request.path.startsWith("/api/")) throw new ProblemError("not-found");
		next();
	});
	app.use(
		"/assets",
		serveFolder(join(parts.clientFolder, "assets"), { immutable: true, maxAge: "1y", index: false, fallthrough: true }),
	);
	app.use(serveFolder(parts.clientFolder, { index: false, maxAge: 0 }));
	app.use((request, response) => {
		if (!isNavigation(request)) throw new ProblemError("not-found");
		const page = join(parts.clientFolder, "index.html");
		if (!existsSync(page)) {
			throw new ProblemError("not-found", "The page is not built.", { next: "Run `npm run build`." });
		}
		response.set("cache-control", "no-cache").sendFile(page, { dotfiles: "allow" });
	});

	const answerError: ErrorRequestHandler = (error, request, response, _next) => {
		if ((error as NodeJS.ErrnoException)?.code === "ERR_STREAM_PREMATURE_CLOSE") {
			// The reader went away in the middle.
			response.destroy();
			return;
		}
		const told = notFoundFrom(error) ?? problemFrom(error, (e) => log.error({ err: e, path: request.path }, "defect"));
		sendProblem(response, told);
	};
	app.use(answerError);
	return app;
}

/** A file that went away while it was about to be sent is not there. */
function notFoundFrom(error: unknown) {
	const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
	return code === "ENOENT" || code === "ENOTDIR" ? problem("not-found", "There is no such file.") : null;
}
