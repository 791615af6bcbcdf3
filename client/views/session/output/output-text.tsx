/* The output of a finished run as text: colours as the terminal had them, long ones bounded with what is left out said. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RecordingSummary } from "../../../../core/recording.ts";
import { Button } from "../../../components/button.tsx";
import { CopyButton } from "../../../components/copy-button.tsx";
import { pageAddress } from "../../../shell/router.ts";
import { byteWords, countWords } from "../../../words/count-words.ts";
import type { AnsiSpan, AnsiStyle } from "./ansi-lines.ts";
import { outputOf, outputRead } from "./output-cache.ts";
import type { RunOutput } from "./read-output.ts";
import "./output-text.css";

/** Lines that stand open at first, and at most: more is for the replay. */
const folded = 16;
const most = 3_000;

export function OutputText({ session, run, recording }: { session: string; run: string; recording: RecordingSummary }) {
	const output = useSignal<RunOutput | null>(outputRead(run));
	const failed = useSignal<string | null>(null);
	const whole = useSignal(false);
	const turn = useSignal(0);
	useEffect(() => {
		let here = true;
		failed.value = null;
		outputOf(session, run, recording).then(
			(read) => {
				if (here) output.value = read;
			},
			(thrown) => {
				if (here) failed.value = thrown instanceof Error ? thrown.message : String(thrown);
			},
		);
		return () => {
			here = false;
		};
	}, [session, run, turn.value]);
	const shown = useComputed(() => {
		const lines = output.value?.lines ?? [];
		const end = lines.length > 0 && lines.at(-1)?.length === 0 ? lines.length - 1 : lines.length;
		const limit = whole.value ? most : folded;
		return { above: Math.max(0, end - limit), lines: lines.slice(Math.max(0, end - limit), end) };
	});
	if (failed.value !== null) {
		return (
			<div class="output-text output-text--note">
				{failed.value}{" "}
				<Button
					size="small"
					icon="retry"
					onClick={() => {
						turn.value += 1;
					}}
				>
					Try again
				</Button>
			</div>
		);
	}
	if (output.value === null) {
		return (
			<div class="output-text output-text--note" role="status">
				reading the output
			</div>
		);
	}
	const { above, lines } = shown.value;
	const { leftOut, movesCursor } = output.value;
	if (lines.length === 0) return <div class="output-text output-text--note">no output</div>;
	return (
		<div class="output-text">
			{(above > 0 || leftOut > 0 || whole.value) && (
				<div class="output-text__above">
					{above > 0 && !whole.value && (
						<Button
							kind="quiet"
							size="small"
							onClick={() => {
								whole.value = true;
							}}
						>
							{countWords(above, "line")} above
						</Button>
					)}
					{whole.value && (
						<Button
							kind="quiet"
							size="small"
							onClick={() => {
								whole.value = false;
							}}
						>
							fold to {folded} lines
						</Button>
					)}
					{above > 0 && whole.value && <span>{countWords(above, "line")} more above</span>}
					{leftOut > 0 && <span>{byteWords(leftOut)} in between not shown</span>}
					{(leftOut > 0 || (above > 0 && whole.value)) && (
						<a href={pageAddress.replay(session)}>all of it in the replay</a>
					)}
				</div>
			)}
			{recording.truncated && (
				<div class="output-text__above">
					<span>Output beyond the limit was not kept.</span>
				</div>
			)}
			{movesCursor && (
				<div class="output-text__above">
					<span>
						This program drew on the whole screen; here are its lines.{" "}
						<a href={pageAddress.replay(session)}>The replay</a> shows it as it was.
					</span>
				</div>
			)}
			<pre class="output-text__lines">
				{lines.map((line, i) => (
					<Line key={i} spans={line} />
				))}
			</pre>
			<div class="output-text__copy">
				<CopyButton
					label="Copy the output"
					text={() => output.value?.lines.map((line) => line.map((s) => s.text).join("")).join("\n") ?? ""}
				/>
			</div>
		</div>
	);
}

function Line({ spans }: { spans: readonly AnsiSpan[] }) {
	return (
		<>
			{spans.map((span, i) =>
				span.style === null ? (
					span.text
				) : (
					<span key={i} class={styleClass(span.style)} style={styleColours(span.style)}>
						{span.text}
					</span>
				),
			)}
			{"\n"}
		</>
	);
}

function styleClass(style: AnsiStyle): string {
	const names: string[] = [];
	const [front, back] = style.inverse ? [style.background, style.foreground] : [style.foreground, style.background];
	if (typeof front === "number") names.push(`ansi-f${front}`);
	if (typeof back === "number") names.push(`ansi-b${back}`);
	if (style.inverse && front === undefined && back === undefined) names.push("ansi-inverse");
	for (const name of ["bold", "dim", "italic", "underline", "strike"] as const)
		if (style[name]) names.push(`ansi-${name}`);
	return names.join(" ");
}

function styleColours(style: AnsiStyle): Record<string, string> | undefined {
	const [front, back] = style.inverse ? [style.background, style.foreground] : [style.foreground, style.background];
	if (typeof front !== "string" && typeof back !== "string") return undefined;
	return {
		...(typeof front === "string" ? { color: front } : {}),
		...(typeof back === "string" ? { backgroundColor: back } : {}),
	};
}
