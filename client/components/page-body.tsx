/* What stands below the header on a page that scrolls as one: its name, what belongs beside that, and the rest. */
import type { ComponentChildren } from "preact";
import "./page-body.css";

export function PageBody({
	class: className,
	title,
	beside,
	children,
}: {
	class: string;
	title: string;
	beside?: ComponentChildren;
	children: ComponentChildren;
}) {
	return (
		<main class={`page-body ${className}`}>
			<div class="page-body__head">
				<h1>{title}</h1>
				{beside}
			</div>
			{children}
		</main>
	);
}
