import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";
import { inertHeaders } from "./content-security.ts";

/** A problem as RFC 9457 writes it, with our code and what to do next. */
export function problemDocument(told: Problem): Record<string, unknown> {
	const { status, title, next } = problemCatalogue[told.code];
	return {
		type: `urn:runledger:problem:${told.code}`,
		title,
		status,
		code: told.code,
		detail: told.detail,
		next: told.next ?? next,
		severity: told.severity,
		...(told.at ? { at: told.at } : {}),
		...(told.data === undefined ? {} : { data: told.data }),
	};
}

/** Answers a request with a problem. */
export function sendProblem(response: ServerResponse, told: Problem): void {
	if (response.headersSent) {
		response.destroy();
		return;
	}
	const body = JSON.stringify(problemDocument(told));
	response.writeHead(problemCatalogue[told.code].status, {
		"content-type": "application/problem+json; charset=utf-8",
		"content-length": Buffer.byteLength(body),
		"cache-control": "no-store",
	});
	response.end(body);
}

/** Answers an upgrade with a problem and closes the connection. */
export function refuseUpgrade(socket: Duplex, told: Problem): void {
	const { status } = problemCatalogue[told.code];
	const body = JSON.stringify(problemDocument(told));
	// Whoever was refused may be gone already.
	socket.on("error", () => socket.destroy());
	socket.end(
		[
			`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
			"Connection: close",
			"Content-Type: application/problem+json; charset=utf-8",
			"Cache-Control: no-store",
			...Object.entries(inertHeaders).map(([name, value]) => `${name}: ${value}`),
			`Content-Length: ${Buffer.byteLength(body)}`,
			"",
			body,
		].join("\r\n"),
		() => socket.destroy(),
	);
}

/** The problem behind whatever was thrown; anything that is not one of ours is `internal` and is told to `defect`. */
export function problemFrom(error: unknown, defect: (error: unknown) => void): Problem {
	if (error instanceof ProblemError) return error.problem;
	// What express and body parsers throw for a request that can't be read.
	const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
	if (status === 413) return problem("too-large", "The body of the request is too large.");
	if (typeof status === "number" && status >= 400 && status < 500) {
		return problem("bad-request", "The request can't be read.");
	}
	defect(error);
	return problem("internal", problemCatalogue.internal.title);
}
