/* A runbook before it is walked: what it asks, what it would run, what is wrong with it, and how to start. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Problem } from "../../../core/problem.ts";
import { hasErrors, type Runbook, unitsOf } from "../../../core/runbook.ts";
import { AppHeader } from "../../components/app-header.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Html } from "../../components/html.tsx";
import { ErrorState, LoadingState, ProblemNote } from "../../components/page-state.tsx";
import { useRequest } from "../../connection/use-request.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress, type Route } from "../../shell/router.ts";
import { countWords } from "../../words/count-words.ts";
import { durationWords } from "../../words/duration-words.ts";
import { layDocument } from "../session/lay-document.ts";
import { RunbookSessions } from "./runbook-sessions.tsx";
import { StartForm } from "./start-form.tsx";
import { WrittenStep } from "./written-step.tsx";
import "./runbook-page.css";

export function RunbookPage({ route }: { route: Extract<Route, { page: "runbook" }> }) {
	const { connection } = useApp();
	const read = useRequest("runbook.read", { path: route.path });
	const changed = useSignal(false);
	useEffect(
		() =>
			connection.onPush("runbook.changed", ({ path, digest }) => {
				if (path === route.path && digest !== read.data.peek()?.runbook.digest) {
					changed.value = true;
					read.reload();
				}
			}),
		[connection, route.path, read.data, read.reload, changed],
	);
	const data = read.data.value;
	const runbook = data?.runbook;
	useEffect(() => {
		document.title = `${runbook?.title ?? route.path} · Runledger`;
	}, [runbook?.title, route.path]);
	return (
		<>
			<AppHeader
				crumbs={[
					{ label: "Library", href: "/" },
					...(runbook?.systems[0] === undefined ? [] : [{ label: runbook.systems[0] }]),
					{ label: runbook?.title ?? route.path },
				]}
				badges={runbook?.severity === undefined ? undefined : <Badge>{runbook.severity}</Badge>}
			/>
			{data && runbook ? (
				<main class="runbook">
					<div class="runbook__document">
						<RunbookHead runbook={runbook} changed={changed.value} />
						<RunbookProblems problems={runbook.problems} />
						<RunbookBlocks runbook={runbook} />
					</div>
					<div class="runbook__side">
						{hasErrors(runbook.problems) ? (
							<section class="runbook__blocked">
								<h2>It can’t be started</h2>
								<p class="muted">Mend the errors that are listed; this page follows the file.</p>
							</section>
						) : (
							<StartForm runbook={runbook} targets={data.targets} />
						)}
						<RunbookSessions sessions={data.sessions} />
					</div>
				</main>
			) : (
				<main class="runbook runbook--none">
					{read.problem.value ? (
						<ErrorState
							problem={read.problem.value}
							retry={read.reload}
							action={<Button href={pageAddress.library}>To the library</Button>}
						/>
					) : (
						<LoadingState label="Reading the runbook" rows={8} />
					)}
				</main>
			)}
		</>
	);
}

function RunbookHead({ runbook, changed }: { runbook: Runbook; changed: boolean }) {
	const facts = [
		...(runbook.owner === undefined ? [] : [`owned by ${runbook.owner}`]),
		countWords(runbook.steps.length, "step"),
		...(runbook.reviewMs === undefined
			? []
			: [`reviewed every ${durationWords(runbook.reviewMs).replace(/ d$/, " days")}`]),
		...(runbook.objectives.rtoMs === undefined ? [] : [`RTO ≤ ${durationWords(runbook.objectives.rtoMs)}`]),
		...(runbook.objectives.rpo === undefined ? [] : [`RPO ${runbook.objectives.rpo}`]),
	];
	return (
		<header class="runbook__head">
			<h1>{runbook.title}</h1>
			<p class="muted">
				{facts.join(" · ")} · <span class="mono">{runbook.path}</span>
			</p>
			{changed && <p class="runbook__changed">The file has just changed; this is what it says now.</p>}
		</header>
	);
}

function RunbookProblems({ problems }: { problems: readonly Problem[] }) {
	if (problems.length === 0) return null;
	const order = { error: 0, warning: 1, info: 2 };
	const sorted = [...problems].sort((a, b) => order[a.severity] - order[b.severity]);
	return (
		<section class="runbook__problems" aria-label="Problems">
			{sorted.map((problem, i) => (
				<ProblemNote key={i} problem={problem}>
					<p class="mono faint">
						{problem.at !== undefined && `line ${problem.at.line}, column ${problem.at.column} · `}
						{problem.severity} {problem.code}
					</p>
				</ProblemNote>
			))}
		</section>
	);
}

function RunbookBlocks({ runbook }: { runbook: Runbook }) {
	const items = layDocument(
		runbook.blocks,
		runbook.steps.map((s) => s.name),
		unitsOf(runbook.steps),
	);
	const specs = new Map(runbook.steps.map((spec) => [spec.name, spec]));
	const first = items[0];
	return (
		<>
			{(first?.kind === "heading" && first.level === 1 ? items.slice(1) : items).map((item) => {
				if (item.kind === "prose") return <Html key={item.key} html={item.html} />;
				if (item.kind === "heading") {
					const Tag = `h${Math.min(4, Math.max(2, item.level))}` as "h2";
					return (
						<Tag key={item.key} id={item.id} class="runbook__heading">
							{item.text}
						</Tag>
					);
				}
				return (
					<article key={item.key} class={`written ${item.unit.group ? "written--group" : ""}`}>
						{item.unit.group && (
							<p class="written__group">
								<strong>{countWords(item.unit.steps.length, "step")} as one</strong>, confirmed once, run through
								without a stop
							</p>
						)}
						{item.items.map((inner) => {
							if (inner.kind === "prose") return <Html key={inner.key} html={inner.html} class="written__prose" />;
							const spec = specs.get(inner.step);
							return spec ? <WrittenStep key={inner.key} spec={spec} /> : null;
						})}
					</article>
				);
			})}
		</>
	);
}
