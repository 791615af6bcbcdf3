/* A run's output up to the playhead as text, where it only writes lines: it can be selected, read aloud, and hits are marked in it. */

import type { ReadonlySignal } from "@preact/signals";
import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { recordingBytes } from "../../../core/recording.ts";
import { decodeUtf8 } from "../../../core/utf8.ts";
import { type AnsiSpan, type AnsiStyle, ansiLines } from "../session/output/ansi-lines.ts";
import { cutAtRanges } from "./find-in-text.ts";
import { findWords } from "./find-words.ts";
import { useReplay } from "./replay-context.ts";
import "./text-screen.css";

export function TextScreen({
	run,
	shown,
}: {
	run: string;
	/** How many of its events have happened at the playhead. */
	shown: ReadonlySignal<number>;
}) {
	const { source, query, found, player } = useReplay();
	const lines = useComputed(() => {
		const recording = source.recordings.byRun.value.get(run);
		const text = decodeUtf8(recordingBytes(recording?.events.slice(0, shown.value) ?? []));
		return ansiLines(text).lines;
	});
	const text = useRef<HTMLDivElement>(null);
	const count = lines.value.length;
	const hit = useComputed(() => {
		const place = found.value;
		if (place === null || place.run !== run || place.at !== player.at.value) return null;
		return lineOfHit(lines.value, place.line, query.value);
	}).value;
	useEffect(() => {
		const box = text.current?.closest<HTMLElement>("[data-scrolls]");
		const line = hit === null ? null : text.current?.children[hit];
		if (count === 0 || !box) return;
		// Grows at its end, as a terminal does; the page itself does not move.
		if (!line) box.scrollTop = box.scrollHeight;
		else {
			// Lines above that were never drawn get their height when they are scrolled by: twice is enough.
			for (let i = 0; i < 2; i++) {
				const above = line.getBoundingClientRect().top - box.getBoundingClientRect().top;
				box.scrollTop += above - box.clientHeight / 3;
			}
		}
	}, [count, hit]);
	return (
		<div class="replay-text mono" ref={text}>
			{lines.value.map((line, i) => (
				<Line key={i} line={line} query={query.value} found={i === hit} />
			))}
		</div>
	);
}

/** The first line from `from` on that has as many different words of the query as any has; null when none has one. */
function lineOfHit(lines: readonly (readonly AnsiSpan[])[], from: number, query: string): number | null {
	let best: number | null = null;
	let most = 0;
	for (let i = from; i < lines.length; i++) {
		const text = textOf(lines[i] ?? []);
		const words = new Set(findWords(text, query).map(([start, end]) => text.slice(start, end).toLowerCase()));
		if (words.size <= most) continue;
		most = words.size;
		best = i;
	}
	return best;
}

function textOf(line: readonly AnsiSpan[]): string {
	return line.map((span) => span.text).join("");
}

function Line({ line, query, found }: { line: readonly AnsiSpan[]; query: string; found: boolean }) {
	if (line.length === 0) return <div class="replay-text__line">{"\n"}</div>;
	const ranges = findWords(textOf(line), query);
	let at = 0;
	return (
		<div class={`replay-text__line ${found ? "replay-text__line--found" : ""}`}>
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
