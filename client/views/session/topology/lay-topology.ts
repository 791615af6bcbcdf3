import type { Member, Topology } from "../../../../core/target.ts";

/** A node's box. Units are the drawing's own: 320 wide. */
export interface NodeBox {
	member: Member;
	x: number;
	y: number;
	width: number;
	height: number;
	/** Whether others follow it, or its role leads. */
	leads: boolean;
}

export interface FollowLine {
	from: NodeBox;
	to: NodeBox;
	/** The replication link works, as far as is known. */
	healthy: boolean;
}

export interface TopologyDrawing {
	width: number;
	height: number;
	boxes: NodeBox[];
	lines: FollowLine[];
	/** Members that only observe, e.g. sentinels: a row of dots. */
	observers: Member[];
}

const drawingWidth = 320;
const boxHeight = 46;
const boxGap = 12;
const rowGap = 56;
const observing = new Set(["sentinel", "arbiter", "monitor", "pgbouncer"]);
const leading = new Set(["master", "primary", "stray"]);

/** Places the nodes: who leads above, who follows below in rows of at most three, observers apart. The order is the topology's own, so that nothing jumps. */
export function layTopology(topology: Pick<Topology, "members">): TopologyDrawing {
	const observers = topology.members.filter((m) => observing.has(m.role));
	const data = topology.members.filter((m) => !observing.has(m.role));
	const followed = new Set(data.map((m) => m.follows).filter((address) => address !== undefined));
	const leads = (m: Member) => leading.has(m.role) || (m.follows === undefined && followed.has(m.address));
	const above = data.filter(leads);
	const below = data.filter((m) => !leads(m));
	const boxes: NodeBox[] = [];
	let y = 0;
	const place = (members: readonly Member[], perRow: number, leadsHere: boolean) => {
		for (let i = 0; i < members.length; i += perRow) {
			const row = members.slice(i, i + perRow);
			const width = Math.min(144, (drawingWidth - boxGap * (row.length - 1)) / row.length);
			const used = width * row.length + boxGap * (row.length - 1);
			// A row of two stands wide, so that the lines to it do not run into each other.
			const spread = !leadsHere && row.length === 2 ? drawingWidth - width * 2 : boxGap;
			const start = row.length === 2 && !leadsHere ? 0 : (drawingWidth - used) / 2;
			row.forEach((member, column) => {
				boxes.push({ member, x: start + column * (width + spread), y, width, height: boxHeight, leads: leadsHere });
			});
			y += boxHeight + (i + perRow < members.length ? boxGap : 0);
		}
	};
	place(above, 2, true);
	if (above.length > 0 && below.length > 0) y += rowGap;
	place(below, below.length === 4 ? 2 : 3, false);
	const byAddress = new Map(boxes.map((box) => [box.member.address, box]));
	const lines: FollowLine[] = [];
	for (const from of boxes) {
		const to = from.member.follows === undefined ? undefined : byAddress.get(from.member.follows);
		if (to && to !== from) lines.push({ from, to, healthy: linkWorks(from.member) && to.member.health !== "down" });
	}
	return { width: drawingWidth, height: Math.max(y, boxHeight), boxes, lines, observers };
}

function linkWorks(member: Member): boolean {
	return member.health === "up" && (member.facts?.link === undefined || member.facts.link === "up");
}

/** A member's second line: its role and the one figure that matters for it. */
export function memberWords(member: Member): string {
	if (member.health === "down") return member.detail ?? "down";
	if (member.role === "stray") return "also says master";
	const figure = lagWords(member) ?? rateWords(member);
	return figure === null ? member.role : `${member.role} · ${figure}`;
}

/** `lag 84 B`, `lag 2 s`; null for a node that follows nobody. */
export function lagWords(member: Member): string | null {
	if (member.lag === undefined) return null;
	const { bytes, seconds } = member.lag;
	if (bytes !== undefined) return `lag ${shortCount(bytes)}B`;
	if (seconds !== undefined) return `lag ${seconds} s`;
	return null;
}

function rateWords(member: Member): string | null {
	const writes = member.facts?.writesPerSecond;
	if (typeof writes === "number") return `${shortCount(writes)}w/s`;
	const operations = member.facts?.opsPerSecond;
	return typeof operations === "number" ? `${shortCount(operations)}ops/s` : null;
}

function shortCount(value: number): string {
	if (value < 1000) return `${Math.round(value)} `;
	if (value < 1_000_000) return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} k`;
	return `${(value / 1_000_000).toFixed(1)} M`;
}

/** Whether more than one says that it leads, or the observers name different ones. */
export function isUnsettled({ members, disputes }: Pick<Topology, "members" | "disputes">): boolean {
	return disputes.length > 0 || members.some((member) => member.role === "stray");
}

/**
 * One word on the whole cluster, and whether it is good. `settling`: its roles are changing hands just now, so that two
 * who say that they lead are no failure yet.
 */
export function clusterHealth(topology: Topology, settling = false): { words: string; tone: "good" | "warn" | "bad" } {
	if (topology.unreachableSince !== undefined) return { words: "unreachable", tone: "bad" };
	if (settling && isUnsettled(topology)) return { words: "roles are changing", tone: "warn" };
	if (topology.disputes.length > 0) return { words: `${topology.disputes[0]?.role ?? "role"} disputed`, tone: "bad" };
	const data = topology.members.filter((m) => !observing.has(m.role));
	const replicates = data.some((m) => m.follows !== undefined || m.role === "replica" || m.role === "secondary");
	const leader = data.find((m) => m.role === "master" || m.role === "primary");
	if (replicates && (!leader || leader.health === "down")) return { words: "no master answers", tone: "bad" };
	const down = topology.members.filter((m) => m.health === "down");
	if (down.length > 0) return { words: `${down.map((m) => m.name).join(", ")} down`, tone: "warn" };
	const stray = topology.members.find((m) => m.role === "stray");
	if (stray) return { words: `${stray.name} is stray`, tone: "bad" };
	const troubled = topology.members.find((m) => m.detail !== undefined || m.health === "unknown");
	if (troubled) return { words: `${troubled.name}: ${troubled.detail ?? "unknown"}`, tone: "warn" };
	return { words: "healthy", tone: "good" };
}
