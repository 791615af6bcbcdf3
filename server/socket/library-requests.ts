import type { RunbookSummary, SessionSummary, TargetSummary } from "../../core/protocol.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { LibraryPort } from "./library-port.ts";
import type { PresenceBook } from "./presence.ts";
import type { Handlers } from "./request-context.ts";
import type { WalkFigures, WalkHistory } from "./walk-history.ts";

export type LibraryNames = "me.read" | "library.list" | "runbook.read";

/** What the library's pages ask for. */
export function libraryRequests(parts: {
	library: LibraryPort;
	sessions: Sessions;
	presence: PresenceBook;
	history: WalkHistory;
	targets(): TargetSummary[];
	version: string;
	now(): Date;
}): Handlers<LibraryNames> {
	const { library, sessions, presence, history, targets, version, now } = parts;

	const withWatchers = (summary: SessionSummary): SessionSummary => ({
		...summary,
		watching: presence.watching(summary.session),
	});

	return {
		"me.read": (_argument, { caller: { identity } }) => ({
			person: identity.id,
			name: identity.name,
			assurance: identity.assurance,
			version,
			signIn: identity.signIn,
		}),
		"library.list": async () => {
			const figures = history.figures();
			const { runbooks, problems } = await library.list();
			return {
				runbooks: runbooks.map((runbook) => summaryOf(runbook, figures.get(runbook.path), now())),
				problems,
				active: sessions
					.list()
					.filter((s) => s.status === "open")
					.map(withWatchers),
				targets: targets(),
			};
		},
		"runbook.read": async ({ path }) => {
			const runbook = await library.read(path);
			return {
				runbook,
				sessions: sessions
					.list()
					.filter((s) => s.runbook === path)
					.slice(0, 50)
					.map(withWatchers),
				targets: targets(),
			};
		},
	};
}

/** A runbook in one row. Stale: it asks for a review every so often, and no walk has passed for that long. */
export function summaryOf(runbook: Runbook, figures: WalkFigures | undefined, now: Date): RunbookSummary {
	const lastPassedAt = figures?.lastPassedAt ?? null;
	const reviewMs = runbook.reviewMs ?? null;
	return {
		path: runbook.path,
		title: runbook.title,
		summary: runbook.summary,
		systems: runbook.systems,
		severity: runbook.severity ?? null,
		owner: runbook.owner ?? null,
		steps: runbook.steps.length,
		parameters: runbook.parameters.length,
		errors: runbook.problems.filter((p) => p.severity === "error").length,
		warnings: runbook.problems.filter((p) => p.severity === "warning").length,
		usuallyMs: figures?.usuallyMs ?? null,
		last: figures?.last ?? null,
		lastPassedAt,
		stale: reviewMs !== null && (lastPassedAt === null || now.getTime() - Date.parse(lastPassedAt) > reviewMs),
		reviewMs,
	};
}
