/* The cluster in one line, for narrow windows: `orders-cache healthy · master cache-2 · lag 84 B`. A press opens the drawing. */
import { useComputed } from "@preact/signals";
import { Icon } from "../../components/icon.tsx";
import { useApp } from "../../shell/app-context.ts";
import { useSession } from "./session-context.ts";
import { clusterHealth, lagWords } from "./topology/lay-topology.ts";
import { useSettling } from "./use-settling.ts";
import "./cluster-strip.css";

export function ClusterStrip({ onOpen }: { onOpen: () => void }) {
	const { store } = useSession();
	const { clock } = useApp();
	const all = [...store.topologies.value.values()].filter(({ topology }) => topology.members.length > 1);
	const old = useComputed(() => all.some((w) => clock.live.value - w.readAt > 3_000));
	const first = all[0];
	const settling = useSettling(first);
	if (!first) return null;
	const { topology } = first;
	const health = clusterHealth(topology, settling);
	const leader = topology.members.find((m) => m.role === "master" || m.role === "primary");
	const lags = topology.members.map((m) => ({ m, words: lagWords(m) })).filter((l) => l.words !== null);
	const worst = lags.sort((a, b) => (b.m.lag?.bytes ?? 0) - (a.m.lag?.bytes ?? 0))[0];
	return (
		<button
			type="button"
			class={`cluster-strip cluster-strip--${health.tone} ${old.value ? "cluster-strip--old" : ""}`}
			onClick={onOpen}
		>
			<Icon name={health.tone === "good" ? "check" : "alert"} />
			<span>
				{topology.cluster} {health.words}
				{leader && ` · ${leader.role} ${leader.name}`}
				{worst?.words && ` · ${worst.words}`}
				{old.value && " · old reading"}
			</span>
		</button>
	);
}
