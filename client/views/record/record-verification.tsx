/* Whether the whole record is as it was written, by the server's own check. A small record is checked when the page opens, a large one when asked. */
import { useSignal } from "@preact/signals";
import { useCallback, useEffect } from "preact/hooks";
import type { SessionSummary } from "../../../core/protocol.ts";
import type { FirstBad } from "../../../core/record/bad-record.ts";
import type { VerifyReport } from "../../../core/record/verify-report.ts";
import { Button } from "../../components/button.tsx";
import { problemOf } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { utcMoment } from "../../words/utc-words.ts";
import { sessionOfBad } from "../replay/bad-place.ts";
import { type Verification, VerificationBox } from "../replay/verification-box.tsx";

/** Up to so many sessions the check takes about a second. */
const checkedUnasked = 100;

export function RecordVerification({ sessions, filtered }: { sessions: readonly SessionSummary[]; filtered: boolean }) {
	const { connection } = useApp();
	const verification = useSignal<Verification | null>(null);
	const check = useCallback(() => {
		verification.value = { state: "checking" };
		connection.request("record.verify", {}).then(
			({ at, firstBad, ...report }) => {
				const found = { ...report, firstBad: firstBad as VerifyReport["firstBad"], by: "server" as const };
				verification.value = { state: "done", found: { ...found, at: Date.parse(at) } };
			},
			(thrown) => {
				verification.value = { state: "failed", why: problemOf(thrown).detail };
			},
		);
	}, [connection, verification]);
	const unasked = !filtered && sessions.length <= checkedUnasked;
	useEffect(() => {
		if (unasked && verification.peek() === null) check();
	}, [unasked, check, verification]);
	return (
		<section class="record__verification" aria-label="Verification of the whole record">
			{verification.value === null ? (
				<div class="verification verification--wide">
					<strong>The whole record</strong>
					<p>Every event, text and recording of every session can be checked; each replay checks its own.</p>
					<Button size="small" onClick={check}>
						Check all of it
					</Button>
				</div>
			) : (
				<VerificationBox
					verification={verification.value}
					wide
					where={
						verification.value.state === "done" && (
							<BadSession bad={verification.value.found.firstBad} sessions={sessions} />
						)
					}
					subject="The whole record"
					how="The server reads each event, text and recording and computes its hash again."
					again={check}
				/>
			)}
		</section>
	);
}

/** The session that the first bad place belongs to, by its name, with the way to its replay. */
function BadSession({ bad, sessions }: { bad: FirstBad | null; sessions: readonly SessionSummary[] }) {
	const id = bad === null ? null : sessionOfBad(bad);
	if (id === null) return null;
	const known = sessions.find((session) => session.session === id);
	if (!known) return null;
	return (
		<>
			It belongs to <a href={pageAddress.replay(id)}>{known.title}</a>, {utcMoment(known.openedAt)}.
		</>
	);
}
