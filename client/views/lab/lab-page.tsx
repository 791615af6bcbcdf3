/* Real clusters on this machine, to break: what can be started, what runs, its nodes and their faults, and what a fault costs. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { AppHeader } from "../../components/app-header.tsx";
import { Button } from "../../components/button.tsx";
import { PageBody } from "../../components/page-body.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../components/page-state.tsx";
import { useKeys } from "../../keys/use-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { KindCard } from "./kind-card.tsx";
import { LabCard } from "./lab-card.tsx";
import { LabDetail } from "./lab-detail.tsx";
import { useLabs } from "./use-labs.ts";
import "./lab-page.css";

export function LabPage() {
	const { router } = useApp();
	const { kinds, labs: known, problem, reload } = useLabs();
	const starting = useSignal<string | null>(null);
	// Until its supervisor answers, a lab that is being started looks like one that is down.
	const labs = useComputed(() =>
		known.value.map((lab) =>
			lab.name === starting.value && lab.state === "down" ? { ...lab, state: "starting" as const } : lab,
		),
	);
	useEffect(() => {
		document.title = "Lab · Runledger";
	}, []);
	const wanted = new URLSearchParams(router.location.value.search).get("lab");
	const selected = labs.value.find((lab) => lab.name === wanted) ?? labs.value[0] ?? null;
	const select = (name: string) =>
		router.navigate(`${pageAddress.lab}?lab=${encodeURIComponent(name)}`, { replace: true });
	const move = (by: number) => {
		const next = labs.value[labs.value.indexOf(selected as (typeof labs.value)[number]) + by];
		if (next) select(next.name);
	};
	useKeys([
		{ keys: "j", group: "Lab", label: "Next lab", repeats: true, run: () => move(1) },
		{ keys: "k", group: "Lab", label: "Lab before", repeats: true, run: () => move(-1) },
	]);
	const taken = useComputed(() => labs.value.map((lab) => lab.name));
	return (
		<>
			<AppHeader current="lab" environment={labs.value.length > 0 ? "lab" : null} />
			<PageBody class="lab" title="Lab" beside={<p class="muted">Real clusters on this machine, yours to break.</p>}>
				{kinds.value === null ? (
					problem.value === null ? (
						<LoadingState label="Reading what can be started here" rows={4} />
					) : (
						<ErrorState problem={problem.value} retry={reload} />
					)
				) : (
					<div class="lab__columns">
						<div class="lab__list">
							{labs.value.map((lab) => (
								<LabCard key={lab.name} lab={lab} selected={lab === selected} select={() => select(lab.name)} />
							))}
							{labs.value.length > 0 && <h2 class="lab__label quiet-heading">Can be started</h2>}
							{kinds.value.map((kind) => (
								<KindCard
									key={kind.kind}
									kind={kind}
									taken={taken.value}
									starting={(name) => (starting.value = name)}
									started={select}
								/>
							))}
						</div>
						<div class="lab__detail">
							{selected !== null ? (
								<LabDetail key={selected.name} lab={selected} />
							) : (
								<NoLab canStart={kinds.value.some((kind) => kind.available)} reload={reload} />
							)}
						</div>
					</div>
				)}
			</PageBody>
		</>
	);
}

function NoLab({ canStart, reload }: { canStart: boolean; reload: () => void }) {
	if (canStart) {
		return (
			<EmptyState icon="flask" title="No lab is up">
				Start one of those that are ready: a real cluster on ports of this machine, its processes owned by a supervisor
				that takes them down with it. Nothing of it reaches another cluster.
			</EmptyState>
		);
	}
	return (
		<EmptyState
			icon="flask"
			title="No lab can be started here"
			action={
				<Button icon="retry" onClick={reload}>
					Look again
				</Button>
			}
		>
			A lab is real processes, and the programs for them are not on this machine. Each kind says what to install.
		</EmptyState>
	);
}
