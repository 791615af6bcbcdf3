/* A short word in a frame. `EnvironmentBadge` is the unmistakable one; `KindBadge` says what a session is; `RiskChip` what a step may do. */
import type { ComponentChildren } from "preact";
import type { Risk } from "../../core/plan.ts";
import type { Environment } from "../../core/target.ts";
import { Icon, type IconName } from "./icon.tsx";
import "./badge.css";

export type BadgeTone = "neutral" | "accent" | "good" | "warn" | "bad";

export function Badge({
	tone = "neutral",
	icon,
	title,
	children,
}: {
	tone?: BadgeTone;
	icon?: IconName;
	title?: string;
	children: ComponentChildren;
}) {
	return (
		<span class={`badge badge--${tone}`} title={title}>
			{icon !== undefined && <Icon name={icon} size={13} />}
			{children}
		</span>
	);
}

export function EnvironmentBadge({ environment }: { environment: Environment }) {
	return <span class={`badge badge--environment badge--${environment}`}>{environment}</span>;
}

const kindWords: Record<string, string> = {
	incident: "incident",
	change: "planned change",
	drill: "drill",
	rehearsal: "rehearsal, nothing runs",
};

export function KindBadge({ kind, severity }: { kind: string; severity?: string | undefined }) {
	const words = kindWords[kind] ?? kind;
	const tone = kind === "incident" || kind === "change" ? "warn" : "accent";
	return <Badge tone={tone}>{kind === "incident" && severity !== undefined ? `${severity} ${words}` : words}</Badge>;
}

const riskWords: Record<Risk, string> = {
	read: "reads",
	change: "changes",
	destructive: "destroys",
	unknown: "may change",
};

/** `words` replaces the risk's own, e.g. `changes the master`. */
export function RiskChip({ risk, words }: { risk: Risk; words?: string | undefined }) {
	const tone: BadgeTone = risk === "read" ? "neutral" : risk === "destructive" ? "bad" : "warn";
	return (
		<span class={`badge badge--risk badge--${tone}`} title={`Risk: ${risk}`}>
			{risk === "destructive" && <Icon name="alert" size={13} />}
			{words ?? riskWords[risk]}
		</span>
	);
}
