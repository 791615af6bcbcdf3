/* A session that is open now: where it is, who drives it, how far it has got. */
import type { SessionSummary } from "../../../core/protocol.ts";
import { Age } from "../../components/age.tsx";
import { EnvironmentBadge, KindBadge } from "../../components/badge.tsx";
import { pageAddress } from "../../shell/router.ts";
import "./active-session-card.css";

export function ActiveSessionCard({ session }: { session: SessionSummary }) {
	const watching = session.watching;
	return (
		<a
			class={`active-session active-session--${session.environment ?? "none"}`}
			href={pageAddress.session(session.session)}
		>
			<span class="active-session__top">
				{session.environment && <EnvironmentBadge environment={session.environment} />}
				<strong>{session.title}</strong>
				<KindBadge kind={session.kind} />
				<span class="active-session__step">
					{session.done === session.steps
						? `all ${session.steps} done`
						: `step ${session.done + 1} of ${session.steps}`}
				</span>
			</span>
			<span class="active-session__about">
				<span>
					{session.status === "abandoned"
						? "abandoned"
						: session.driver === null
							? "nobody drives"
							: `${session.driver} drives`}
					{watching > 0 && `, ${watching} ${watching === 1 ? "watches" : "watch"}`}
					{session.atTitle !== null && ` · ${session.failed > 0 ? "after a failed step, " : ""}at “${session.atTitle}”`}
					{session.targets.length > 0 && ` · ${session.targets.join(", ")}`}
				</span>
				<span class="active-session__age">
					opened <Age at={session.openedAt} />
				</span>
			</span>
		</a>
	);
}
