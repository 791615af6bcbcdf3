import type { RunState } from "../../../core/session-state.ts";
import type { Connection } from "../../connection/connection.ts";
import type { Clock } from "../../shell/clock.ts";
import { asksPerson } from "./card/asks-person.ts";
import { type RunMoment, runMoment } from "./run-moment.ts";
import type { SessionStore } from "./session-store.ts";

/** What a run does now. Reads signals: whoever calls it hears of the next moment, once a second or, if `often`, five times. */
export function readRunMoment(
	run: RunState,
	store: Pick<SessionStore, "state" | "record" | "progress">,
	{ clock, connection }: { clock: Clock; connection: Pick<Connection, "line"> },
	often = false,
): RunMoment {
	const line = connection.line.value;
	return runMoment(run, {
		now: (often ? clock.live : clock.now).value,
		lostAt: line.status === "offline" ? clock.read() - (Date.now() - line.since) : null,
		held: store.record.value?.ok === false,
		asks: asksPerson(store.state.value?.steps[run.step]?.type ?? ""),
		progress: store.progress.value.get(run.run),
	});
}
