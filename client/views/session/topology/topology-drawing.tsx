/* The drawing of a cluster: boxes for nodes, lines for who follows whom, dots for observers. */
import type { Member, Topology } from "../../../../core/target.ts";
import { countWords } from "../../../words/count-words.ts";
import { type FollowLine, layTopology, memberWords, type NodeBox } from "./lay-topology.ts";
import { nodeLabels } from "./node-labels.ts";

export function TopologyDrawing({
	topology,
	settling,
	wasSo,
	changed,
}: {
	topology: Topology;
	/** Nobody answers, and its roles and links are those that were known last. */
	wasSo: boolean;
	/** Its roles are changing hands: who also says that it leads is no failure. */
	settling: boolean;
	changed: ReadonlySet<string | null>;
}) {
	const drawing = layTopology(topology);
	const silent = topology.unreachableSince !== undefined;
	const wordsOf = (member: Member) => (wasSo ? `was ${member.role}` : silent ? "no answer" : memberWords(member));
	const widths = new Map(drawing.boxes.map(({ member, width }) => [member.address, width]));
	const labels = nodeLabels(
		drawing.boxes.map(({ member }) => member),
		(address) => Math.floor((widths.get(address) ?? 0) / 7.4),
	);
	const pad = 3;
	return (
		<div class={`topology__drawing ${silent ? "topology__drawing--was" : ""}`}>
			<svg
				viewBox={`${-pad} ${-pad} ${drawing.width + pad * 2} ${drawing.height + pad * 2}`}
				role="img"
				aria-label={topology.members.map((m) => `${m.name}: ${wordsOf(m)}`).join("; ")}
			>
				<title>{topology.cluster}</title>
				{drawing.lines.map((line) => (
					<Line
						key={`${line.from.member.address} ${line.to.member.address}`}
						line={line}
						changed={changed.has(line.from.member.address)}
					/>
				))}
				{drawing.boxes.map((box) => (
					<Box
						key={box.member.address}
						box={box}
						label={labels.get(box.member.address) ?? box.member.name}
						words={wordsOf(box.member)}
						state={silent ? "was" : settling ? "settling" : "known"}
						changed={changed.has(box.member.address)}
					/>
				))}
			</svg>
			<Observers members={drawing.observers} quorum={topology.attributes.quorum} silent={silent} />
		</div>
	);
}

function Line({ line: { from, to, healthy }, changed }: { line: FollowLine; changed: boolean }) {
	const x1 = from.x + from.width / 2;
	const y1 = from.y;
	const x2 = to.x + to.width / 2;
	const y2 = to.y + to.height;
	const down = from.y > to.y;
	return (
		<line
			class={`topology__line ${healthy ? "" : "topology__line--broken"} ${changed ? "topology__line--changed" : ""}`}
			x1={x1}
			y1={down ? y1 : y1 + from.height / 2}
			x2={x2}
			y2={down ? y2 : to.y + to.height / 2}
		/>
	);
}

function Box({
	box: { member, x, y, width, height, leads },
	label,
	words,
	state,
	changed,
}: {
	box: NodeBox;
	label: string;
	words: string;
	/** `was`: nobody answers; `settling`: who leads is changing hands. */
	state: "known" | "settling" | "was";
	changed: boolean;
}) {
	const trouble = member.health === "down" || (member.role === "stray" && state !== "settling");
	const tone =
		state === "was"
			? "was"
			: trouble
				? "bad"
				: member.role === "stray" || member.detail !== undefined || member.health === "unknown"
					? "warn"
					: leads
						? "leads"
						: "plain";
	const limit = Math.floor(width / 6.6);
	return (
		<g class={`topology__node topology__node--${tone} ${changed ? "topology__node--changed" : ""}`}>
			<title>{[`${member.name} ${member.address}`, words, member.detail ?? ""].filter(Boolean).join("\n")}</title>
			<rect x={x} y={y} width={width} height={height} rx="7" />
			<text class="topology__name" x={x + width / 2} y={y + 19}>
				{label}
			</text>
			<text class="topology__role" x={x + width / 2} y={y + 35}>
				{shorten(words, limit)}
			</text>
		</g>
	);
}

/** `silent`: nobody of the cluster answers, so it need not be said of each. */
function Observers({ members, quorum, silent }: { members: readonly Member[]; quorum: unknown; silent: boolean }) {
	if (members.length === 0) return null;
	const role = members[0]?.role ?? "observer";
	const down = members.filter((m) => m.health !== "up");
	return (
		<p class="topology__observers">
			<span class="topology__dots" aria-hidden="true">
				{members.map((m) => (
					<span
						key={m.address}
						class={`topology__dot topology__dot--${m.health}`}
						title={`${m.name} ${m.address}${m.detail ? `: ${m.detail}` : ""}`}
					/>
				))}
			</span>
			<span class="mono">
				{countWords(members.length, role)}
				{typeof quorum === "number" && quorum > 0 && `, quorum ${quorum}`}
				{down.length > 0 && !silent && (
					<span class="topology__down">
						, {down.map((m) => m.name).join(", ")} {down.length === 1 ? "does" : "do"} not answer
					</span>
				)}
			</span>
		</p>
	);
}

function shorten(text: string, limit: number): string {
	return text.length > limit ? `${text.slice(0, Math.max(1, limit - 1))}…` : text;
}
