/* What was closed last: how it ended, and the way to its replay. */
import { useEffect } from "preact/hooks";
import { Age } from "../../components/age.tsx";
import { EnvironmentBadge } from "../../components/badge.tsx";
import { SessionMark } from "../../components/session-mark.tsx";
import { useRequest } from "../../connection/use-request.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import "./lately.css";

const shown = 3;

export function Lately() {
	const { connection } = useApp();
	const list = useRequest("record.list", {});
	useEffect(() => connection.onPush("library.changed", () => list.reload()), [connection, list.reload]);
	const closed = (list.data.value?.sessions ?? [])
		.filter((session) => session.status === "closed")
		.sort((a, b) => (b.closedAt ?? "").localeCompare(a.closedAt ?? ""));
	if (closed.length === 0) return null;
	return (
		<section class="lately" aria-labelledby="lately">
			<h2 id="lately">Lately</h2>
			<ul>
				{closed.slice(0, shown).map((session) => (
					<li key={session.session}>
						<a href={pageAddress.replay(session.session)}>
							<SessionMark word={session.outcome ?? session.status} size={14} />
							<span class="lately__title">{session.title}</span>
							<span class="muted">
								{session.kind}, {session.outcome}
								{session.closedAt !== null && (
									<>
										{" · "}
										<Age at={session.closedAt} />
									</>
								)}
							</span>
							{session.environment && <EnvironmentBadge environment={session.environment} />}
						</a>
					</li>
				))}
				<li>
					<a href={pageAddress.record}>The whole record</a>
				</li>
			</ul>
		</section>
	);
}
