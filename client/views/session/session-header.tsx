/* The bar over a session: where it is, what it may break, whether it is recorded, how long it lasts, who is here. */
import { useComputed } from "@preact/signals";
import { sessionTookMs } from "../../../core/session-took.ts";
import { AppHeader, type Crumb } from "../../components/app-header.tsx";
import { EnvironmentBadge, KindBadge } from "../../components/badge.tsx";
import { Icon } from "../../components/icon.tsx";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { secondsWords } from "../../words/duration-words.ts";
import { PeopleMenu } from "./people-menu.tsx";
import { useSession } from "./session-context.ts";
import { useSessionEnvironment } from "./use-session-environment.ts";
import "./session-header.css";

export function SessionHeader() {
	const { store, driving } = useSession();
	const state = store.state.value;
	const runbook = store.runbook.value;
	const environment = useSessionEnvironment();
	if (!state || !runbook) return <AppHeader crumbs={[{ label: "Library", href: "/" }, { label: "Session" }]} />;
	const system = runbook.systems[0];
	const crumbs: Crumb[] = [
		{ label: "Library", href: "/" },
		...(system === undefined ? [] : [{ label: system }]),
		{ label: runbook.title, href: pageAddress.runbook(runbook.path) },
	];
	return (
		<AppHeader
			crumbs={crumbs}
			environment={environment.value}
			driving={driving.value && state.status !== "closed"}
			badges={
				<>
					{environment.value && <EnvironmentBadge environment={environment.value} />}
					<span class="session-header__kind">
						<KindBadge kind={state.kind} severity={runbook.severity} />
					</span>
				</>
			}
		>
			<RecordLine />
			<Elapsed />
			<PeopleMenu />
		</AppHeader>
	);
}

function RecordLine() {
	const { store } = useSession();
	const { connection } = useApp();
	const record = store.record.value;
	const closed = store.state.value?.status === "closed";
	if (connection.line.value.status === "offline") {
		return (
			<span class="record-line record-line--warn">
				<Icon name="wifi-off" size={14} /> <span>no line</span>
			</span>
		);
	}
	if (!record) return null;
	if (!record.ok) {
		return (
			<span class="record-line record-line--bad" title={record.detail}>
				<Icon name="alert" size={14} /> <span>not recorded</span>
			</span>
		);
	}
	return (
		<span
			class="record-line"
			title={`Each event is on disk before it is shown${record.since ? `; since ${record.since}` : ""}`}
		>
			<span class="record-line__dot" aria-hidden="true" />
			<span>{closed ? "closed, on disk" : "recorded, on disk"}</span>
		</span>
	);
}

function Elapsed() {
	const { store } = useSession();
	const { clock } = useApp();
	const words = useComputed(() => {
		const state = store.state.value;
		if (state?.openedAt === undefined) return "";
		return secondsWords(sessionTookMs(state, state.closedAt === undefined ? clock.now.value : undefined) ?? 0);
	});
	return (
		<span class="session-header__elapsed">
			{store.state.value?.status === "closed" ? "took" : "elapsed"} {words}
		</span>
	);
}
