/* What a check of the whole session found, in words: who made it, when, what it looked at, and what no such check can tell. */
import type { ComponentChildren } from "preact";
import { LineText } from "../../../steps/prose-text.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { useApp } from "../../shell/app-context.ts";
import { ageWords } from "../../words/age-words.ts";
import { byteWords, countWords } from "../../words/count-words.ts";
import type { Verified } from "./verify-session.ts";
import "./verification-box.css";

export type Verification =
	| { state: "checking" }
	| { state: "done"; found: Verified }
	| { state: "failed"; why: string };

export function VerificationBox({
	verification,
	again: check,
	where,
	wide = false,
	subject = "",
	how = "This browser fetches the export and computes each hash itself.",
}: {
	verification: Verification;
	again: () => void;
	/** Where the first bad place is, for a person, with the way there. */
	where?: ComponentChildren;
	/** In a row, for a page that has room beside it. */
	wide?: boolean;
	/** What was checked, where it is not plain from the place. */
	subject?: string;
	how?: string;
}) {
	const { clock } = useApp();
	const shape = wide ? "verification--wide" : "";
	const about = (words: string) =>
		subject === "" ? words : `${subject}: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
	// The age below moves with it.
	clock.now.value;
	const again = (
		<Button class="verification__again" size="small" kind="quiet" icon="retry" label="Check again" onClick={check} />
	);
	if (verification.state === "checking") {
		return (
			<div class={`verification verification--checking ${shape}`} role="status">
				<strong>
					<Icon name="loader" class="icon--turning" /> {about("Checking every event and recording")}
				</strong>
				<p>{how}</p>
			</div>
		);
	}
	if (verification.state === "failed") {
		return (
			<div class={`verification verification--unknown ${shape}`} role="alert">
				<strong>
					<Icon name="circle-help" /> {about("Not checked")}
				</strong>
				<p>
					<LineText text={verification.why} />
				</p>
				<Button size="small" onClick={check}>
					Check again
				</Button>
			</div>
		);
	}
	const { found } = verification;
	const by = found.by === "browser" ? "by this browser" : "by the server";
	const age = ageWords(Date.now() - found.at);
	return (
		<div
			class={`verification verification--${found.ok ? "good" : "bad"} ${shape}`}
			role={found.ok ? "status" : "alert"}
		>
			<div class="verification__head">
				<strong>
					<Icon name={found.ok ? "check" : "circle-alert"} />{" "}
					{about(found.ok ? "Whole and unaltered" : "Not as it was written")}
				</strong>
				{again}
			</div>
			{!found.ok && (
				<p class="verification__reason">
					<LineText text={found.reason ?? ""} />
				</p>
			)}
			{!found.ok && where && <p class="verification__where">{where}</p>}
			<p>
				{countWords(found.checked.events, "event")}, {countWords(found.checked.recordings, "recording")},{" "}
				{byteWords(found.checked.bytes)}
				{found.ok ? "" : " looked at before that"}. Checked {by} {age}.
				{found.whyServer !== undefined && <> This browser did not: {found.whyServer}.</>}
			</p>
			<details>
				<summary>It can’t tell {inWords(found.cannotTell)}.</summary>
				<ul>
					{found.cannotTell.map((line) => (
						<li key={line}>
							<LineText text={line} />
						</li>
					))}
				</ul>
			</details>
		</div>
	);
}

/** The heads of the sentences: what stands before the colon says what, after it why. */
function inWords(sentences: readonly string[]): string {
	const heads = sentences.map((sentence) => {
		const head = sentence.split(":", 1)[0] ?? "";
		return head.charAt(0).toLowerCase() + head.slice(1);
	});
	return heads.length < 2 ? heads.join("") : `${heads.slice(0, -1).join(", ")}, or ${heads.at(-1)}`;
}
