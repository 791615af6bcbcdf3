/* The last minute of a probe, of a stopped one as much as shows its longest gap: acknowledged writes a second, gaps shaded with their length, faults and promotions marked below. uPlot loads with the first chart. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { useApp } from "../../shell/app-context.ts";
import { durationWords } from "../../words/duration-words.ts";
import { type ChartMark, gapWords, layLabels, type ProbeGap, type ProbeSeries } from "./probe-series.ts";
import "./probe-chart.css";

/** CSS pixels. Three rows of labels stand below the line, and one of the scale. */
const height = 204;
const labelRoom = 70;
const lineGap = 17;
/** The canvas has its colours from the page's tokens, so it is drawn anew when these change. */
const darkQuery = "(prefers-color-scheme: dark)";

interface Shown {
	series: ProbeSeries;
	gaps: readonly ProbeGap[];
	marks: readonly ChartMark[];
	/** Whether its last second is now. */
	running: boolean;
}

export function ProbeChart({ label, ...shown }: Shown & { label: string }) {
	const { theme } = useApp();
	const host = useRef<HTMLDivElement>(null);
	const chart = useRef<uPlot | null>(null);
	const systemDark = useSignal(window.matchMedia(darkQuery).matches);
	useEffect(() => {
		const media = window.matchMedia(darkQuery);
		const changed = () => {
			systemDark.value = media.matches;
		};
		media.addEventListener("change", changed);
		return () => media.removeEventListener("change", changed);
	}, [systemDark]);
	const latest = useRef<Shown>(shown);
	latest.current = shown;
	useEffect(() => {
		let gone = false;
		let resized: ResizeObserver | undefined;
		Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]).then(([{ default: UPlot }]) => {
			if (gone || !host.current) return;
			const element = host.current;
			chart.current = new UPlot(options(element, latest), dataOf(latest.current.series), element);
			resized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height }));
			resized.observe(element);
		});
		return () => {
			gone = true;
			resized?.disconnect();
			chart.current?.destroy();
			chart.current = null;
		};
	}, [theme.choice.value, systemDark.value]);
	useEffect(() => {
		chart.current?.setData(dataOf(shown.series));
	});
	return <div ref={host} class="lab-chart" role="img" aria-label={label} />;
}

function dataOf({ seconds, acknowledged }: ProbeSeries): uPlot.AlignedData {
	// A second's count stands in its middle.
	return [seconds.map((second) => second + 0.5), acknowledged];
}

function options(host: HTMLElement, latest: { current: Shown }): uPlot.Options {
	const colours = coloursOf(host);
	const font = `12px ${getComputedStyle(host).fontFamily}`;
	return {
		width: host.clientWidth,
		height,
		padding: [14, 0, labelRoom, 0],
		legend: { show: false },
		cursor: { show: false },
		scales: {
			x: { time: false, range: (_, __, to) => [to - latest.current.series.seconds.length + 0.5, to + 0.5] },
			y: { range: (_, __, to) => [0, Math.max(10, (to ?? 0) * 1.15)] },
		},
		axes: [{ show: false }, { show: false }],
		series: [{}, { stroke: colours.good, width: 2, points: { show: false }, spanGaps: false }],
		hooks: {
			drawClear: [(plot) => drawGaps(plot, latest.current, colours, font)],
			draw: [(plot) => drawFrame(plot, latest.current, colours, font)],
		},
	};
}

type Colours = ReturnType<typeof coloursOf>;

function drawGaps(plot: uPlot, { gaps, series }: Shown, colours: Colours, font: string): void {
	const { ctx, bbox } = plot;
	const ratio = devicePixelRatio;
	ctx.save();
	// The scale's number stands in the same row, at its beginning.
	ctx.font = font.replace("12px", `${12 * ratio}px`);
	const scale = scaleWords(series);
	const begin = bbox.left + (scale === "" ? 0 : ctx.measureText(scale).width + 10 * ratio);
	let free = begin;
	for (const gap of gaps) {
		const from = Math.max(bbox.left, plot.valToPos(gap.from / 1000, "x", true));
		const to = Math.min(bbox.left + bbox.width, plot.valToPos(gap.to / 1000, "x", true));
		if (to <= from) continue;
		ctx.fillStyle = colours.badSoft;
		ctx.fillRect(from, 0, Math.max(to - from, 2 * ratio), bbox.top + bbox.height);
		ctx.fillStyle = colours.bad;
		ctx.font = font.replace("12px", `${13 * ratio}px`);
		ctx.textAlign = "center";
		const words = gapWords(gap);
		const half = ctx.measureText(words).width / 2;
		const middle = Math.min(Math.max((from + to) / 2, free + half), bbox.left + bbox.width - half);
		// No room beside the ones before it: its shade says where, the figures how long the longest was.
		if (middle - half < free) continue;
		free = middle + half + 8 * ratio;
		// Above the line, which may begin again before the words end.
		ctx.fillText(words, middle, 12 * ratio);
	}
	ctx.restore();
}

function drawFrame(plot: uPlot, { marks, series, running }: Shown, colours: Colours, font: string): void {
	const { ctx, bbox } = plot;
	const ratio = devicePixelRatio;
	const ground = bbox.top + bbox.height;
	ctx.save();
	ctx.font = font.replace("12px", `${12 * ratio}px`);
	ctx.strokeStyle = colours.line;
	ctx.lineWidth = ratio;
	ctx.beginPath();
	ctx.moveTo(bbox.left, ground);
	ctx.lineTo(bbox.left + bbox.width, ground);
	ctx.stroke();
	ctx.fillStyle = colours.faint;
	ctx.textAlign = "left";
	const scale = scaleWords(series);
	if (scale !== "") {
		// The scale's one line, and what it stands for.
		const top = plot.valToPos(mostOf(series), "y", true);
		ctx.setLineDash([ratio, 4 * ratio]);
		ctx.beginPath();
		ctx.moveTo(bbox.left, top);
		ctx.lineTo(bbox.left + bbox.width, top);
		ctx.stroke();
		ctx.setLineDash([]);
		ctx.fillText(scale, bbox.left + 2 * ratio, 12 * ratio);
	}
	const axis = ground + (lineGap * 4 - 4) * ratio;
	ctx.fillText(`-${durationWords(series.seconds.length * 1000)}`, bbox.left, axis);
	ctx.textAlign = "right";
	ctx.fillText(running ? "now" : "its end", bbox.left + bbox.width, axis);
	ctx.textAlign = "left";
	const positions = marks.map((mark) => plot.valToPos(mark.at / 1000, "x", true) - bbox.left);
	const laid = layLabels(
		marks.map((mark, i) => ({ x: positions[i] ?? 0, width: ctx.measureText(mark.text).width })),
		bbox.width,
		3,
	);
	ctx.setLineDash([3 * ratio, 3 * ratio]);
	marks.forEach((mark, i) => {
		// The line ends with a whole second; what came in the one begun stands at its edge.
		const x = bbox.left + Math.min(positions[i] ?? 0, bbox.width);
		if (x < bbox.left) return;
		ctx.strokeStyle = colours.muted;
		ctx.beginPath();
		ctx.moveTo(x, 18 * ratio);
		ctx.lineTo(x, ground + 4 * ratio);
		ctx.stroke();
		const place = laid[i];
		if (!place) return;
		ctx.fillStyle = colours.ink;
		ctx.fillText(mark.text, bbox.left + place.x, ground + (lineGap * (place.row + 1) - 3) * ratio);
	});
	ctx.restore();
}

/** The most writes of a second, over the line that it is; empty when there are none. */
function scaleWords(series: ProbeSeries): string {
	const top = mostOf(series);
	return top > 0 ? `${top} writes a second` : "";
}

function mostOf({ acknowledged }: ProbeSeries): number {
	return Math.round(Math.max(0, ...acknowledged.map((n) => n ?? 0)));
}

/** The canvas wants plain colours: the page's tokens as they are now. */
function coloursOf(host: HTMLElement) {
	const probe = document.createElement("span");
	host.append(probe);
	const read = (token: string) => {
		probe.style.color = `var(${token})`;
		return getComputedStyle(probe).color;
	};
	const colours = {
		good: read("--good"),
		bad: read("--bad"),
		badSoft: read("--bad-soft"),
		line: read("--line-strong"),
		faint: read("--ink-faint"),
		muted: read("--ink-muted"),
		ink: read("--ink"),
	};
	probe.remove();
	return colours;
}
