import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FirstBad } from "../../../core/record/bad-record.ts";
import { Button } from "../../components/button.tsx";
import { problemOf } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";
import { placeOfBad, sessionOfBad } from "./bad-place.ts";
import { useReplay } from "./replay-context.ts";
import type { ReplaySource } from "./replay-source.ts";
import type { ReplayRun } from "./replay-timeline.ts";
import { type Verification, VerificationBox } from "./verification-box.tsx";
import { verifySession } from "./verify-session.ts";

/** Verifies the session when it is opened, and again when asked; what was found is the replay's `checked`. */
export function SessionVerification({ session }: { session: string }) {
	const { connection } = useApp();
	const { source, checked } = useReplay();
	const verification = useSignal<Verification>({ state: "checking" });
	const check = useRef(() => {});
	check.current = () => {
		verification.value = { state: "checking" };
		const bytes = (source.timeline.peek()?.runs ?? []).reduce((sum, run) => sum + (run.state.recording?.bytes ?? 0), 0);
		verifySession(session, bytes, connection).then(
			(found) => {
				// What this page has already read may be from before the file became another one, or was itself again.
				const places = [checked.peek(), found].map((one) => badPlace(one?.firstBad ?? null, session, source));
				if (checked.peek() !== null) {
					for (const run of new Set(places.flatMap((place) => place?.run ?? [])))
						void source.recordings.again(run.state);
				}
				checked.value = found;
				verification.value = { state: "done", found };
			},
			(thrown) => {
				verification.value = { state: "failed", why: problemOf(thrown).detail };
			},
		);
	};
	useEffect(() => check.current(), [session]);
	return (
		<VerificationBox
			verification={verification.value}
			again={() => check.current()}
			where={
				verification.value.state === "done" && <WhereBad session={session} bad={verification.value.found.firstBad} />
			}
		/>
	);
}

/** Where a bad place stands in this session; null when it is of no moment of it, or of the server's own stream. */
export function badPlace(
	bad: FirstBad | null,
	session: string,
	source: ReplaySource,
): { run: ReplayRun | null; at: number } | null {
	const timeline = source.timeline.value;
	if (bad === null || timeline === null || sessionOfBad(bad) !== session) return null;
	return placeOfBad(bad, timeline, source.events.value);
}

/** Which step a bad place belongs to, and the way there. */
function WhereBad({ session, bad }: { session: string; bad: FirstBad | null }) {
	const { source, player, titleOf } = useReplay();
	const place = badPlace(bad, session, source);
	if (place === null) return null;
	return (
		<>
			{place.run !== null && <>It belongs to the step {titleOf(place.run)}. </>}
			<Button size="small" onClick={() => player.seek(place.at)}>
				Go there
			</Button>
		</>
	);
}
