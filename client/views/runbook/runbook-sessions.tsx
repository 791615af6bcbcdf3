/* Walks through this runbook: those that are open, and the latest that ended. */
import type { SessionSummary } from "../../../core/protocol.ts";
import { Age } from "../../components/age.tsx";
import { SessionMark } from "../../components/session-mark.tsx";
import { pageAddress } from "../../shell/router.ts";

const latest = 8;

export function RunbookSessions({ sessions }: { sessions: readonly SessionSummary[] }) {
	if (sessions.length === 0) return null;
	return (
		<section class="runbook-sessions">
			<h2>Walks through it</h2>
			<ul>
				{sessions.slice(0, latest).map((session) => (
					<li key={session.session}>
						<a
							href={
								session.status === "closed" ? pageAddress.replay(session.session) : pageAddress.session(session.session)
							}
						>
							<SessionMark word={session.outcome ?? session.status} size={14} />
							<span>
								{session.status === "closed"
									? `${session.kind}, ${session.outcome}`
									: `${session.kind}, ${session.status}, ${session.done} of ${session.steps}`}
								{session.environment && ` · ${session.environment}`}
							</span>
							<span class="faint">
								<Age at={session.openedAt} />
							</span>
						</a>
					</li>
				))}
			</ul>
			{sessions.length > latest && (
				<a href={`/record?runbook=${encodeURIComponent(sessions[0]?.runbook ?? "")}`}>
					All {sessions.length} in the record
				</a>
			)}
		</section>
	);
}
