/* What a page shows when it has nothing: empty (what is missing, why, the one thing to do), loading (the page's own bones), error (a problem and its way out). */
import type { ComponentChildren } from "preact";
import type { Problem } from "../../core/problem.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";
import { LineText } from "../../steps/prose-text.tsx";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";
import "./page-state.css";

export function EmptyState({
	icon = "info",
	title,
	children,
	action,
}: {
	icon?: IconName;
	title: string;
	children?: ComponentChildren;
	action?: ComponentChildren;
}) {
	return (
		<div class="page-state">
			<Icon name={icon} size={28} class="page-state__icon" />
			<h2>{title}</h2>
			{children !== undefined && <div class="page-state__text">{children}</div>}
			{action !== undefined && <div class="page-state__action">{action}</div>}
		</div>
	);
}

/** Bones in the shape of rows; what is awaited is said in words for those who don't see them. */
export function LoadingState({ label, rows = 6 }: { label: string; rows?: number }) {
	return (
		<div class="bones" role="status" aria-label={label}>
			{Array.from({ length: rows }, (_, i) => (
				<div class="bones__row" key={i}>
					<span class={`bones__bar bones__bar--${(i % 3) + 1}`} />
					<span class="bones__bar bones__bar--short" />
				</div>
			))}
		</div>
	);
}

export function ErrorState({
	problem,
	retry,
	action,
}: {
	problem: Problem;
	retry?: (() => void) | undefined;
	action?: ComponentChildren;
}) {
	const known = problemCatalogue[problem.code];
	return (
		<div class="page-state page-state--error" role="alert">
			<Icon name="circle-alert" size={28} class="page-state__icon" />
			<h2>
				<LineText text={known.title} />
			</h2>
			<div class="page-state__text">
				{problem.detail !== known.title && (
					<p>
						<LineText text={problem.detail} />
					</p>
				)}
				<p>
					<LineText text={problem.next ?? known.next} />
				</p>
				<p class="faint mono">{problem.code}</p>
			</div>
			<div class="page-state__action">
				{retry !== undefined && (
					<Button icon="retry" onClick={retry}>
						Try again
					</Button>
				)}
				{action}
			</div>
		</div>
	);
}

/** A problem in a line, inside a page that otherwise works. */
export function ProblemNote({ problem, children }: { problem: Problem; children?: ComponentChildren }) {
	const known = problemCatalogue[problem.code];
	return (
		<div
			class={`problem-note problem-note--${problem.severity}`}
			role={problem.severity === "error" ? "alert" : undefined}
		>
			<Icon name={problem.severity === "info" ? "info" : problem.severity === "warning" ? "alert" : "circle-alert"} />
			<div>
				<strong>
					<LineText text={problem.detail} />
				</strong>{" "}
				<span class="muted">
					<LineText text={problem.next ?? known.next} />
				</span>
				{children}
			</div>
		</div>
	);
}
