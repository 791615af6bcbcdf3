/* A run's output up to the playhead as text, where it only writes lines: it can be selected, read aloud, and hits are marked in it. */

import type { ReadonlySignal } from "@preact/signals";
import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { recordingBytes } from "../../../core/recording.ts";
import { decodeUtf8 } from "../../../core/utf8.ts";
import { type AnsiSpan, type AnsiStyle, ansiLines } from "../session/output/ansi-lines.ts";
import { cutAtRanges, findInText } from "./find-in-text.ts";
import type { LoadedRecording } from "./replay-recordings.ts";

export function TextScreen({
	recording,
	shown,
	query,
}: {
	recording: LoadedRecording;
	/** How many of its events have happened at the playhead. */
	shown: ReadonlySignal<number>;
	query: ReadonlySignal<string>;
}) {
	const lines = useComputed(() => {
		const text = decodeUtf8(recordingBytes(recording.events.slice(0, shown.value)));
		return ansiLines(text).lines;
	});
	const end = useRef<HTMLDivElement>(null);
	const count = lines.value.length;
	useEffect(() => {
		// Grows at its end, as a terminal does; the page itself does not move.
		const box = end.current?.closest<HTMLElement>("[data-scrolls]");
		if (count > 0 && box) box.scrollTop = box.scrollHeight;
	}, [count]);
	return (
		<div class="replay-text mono">
			{lines.value.map((line, i) => (
				<Line key={i} line={line} query={query.value} />
			))}
			<div ref={end} />
		</div>
	);
}

function Line({ line, query }: { line: readonly AnsiSpan[]; query: string }) {
	if (line.length === 0) return <div class="replay-text__line">{"\n"}</div>;
	const ranges = findInText(line.map((span) => span.text).join(""), query);
	let at = 0;
	return (
		<div class="replay-text__line">
			{line.map((span, i) => {
				const from = at;
				at += span.text.length;
				const own = ranges.map(([start, stop]) => [Math.max(0, start - from), stop - from] as const);
				return (
					<span key={i} {...styleOf(span.style)}>
						{cutAtRanges(
							span.text,
							own.filter(([, stop]) => stop > 0),
						).map((part, j) => (part.marked ? <mark key={j}>{part.text}</mark> : part.text))}
					</span>
				);
			})}
		</div>
	);
}

function styleOf(style: AnsiStyle | null): { style?: Record<string, string> } {
	if (style === null) return {};
	const colour = (value: number | string) => (typeof value === "number" ? `var(--ansi-${value})` : value);
	const css: Record<string, string> = {};
	const foreground = style.foreground === undefined ? "var(--ink)" : colour(style.foreground);
	const background = style.background === undefined ? "var(--surface-code)" : colour(style.background);
	if (style.inverse) {
		css.color = background;
		css["background-color"] = foreground;
	} else {
		if (style.foreground !== undefined) css.color = foreground;
		if (style.background !== undefined) css["background-color"] = background;
	}
	if (style.bold) css["font-weight"] = "650";
	if (style.dim && style.foreground === undefined && !style.inverse) css.color = "var(--ink-faint)";
	if (style.italic) css["font-style"] = "italic";
	if (style.underline || style.strike) {
		css["text-decoration"] = `${style.underline ? "underline" : ""} ${style.strike ? "line-through" : ""}`.trim();
	}
	return { style: css };
}
