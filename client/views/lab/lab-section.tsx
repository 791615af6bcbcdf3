/* A part of a lab: its heading with what belongs beside it, and what it is about. */
import type { ComponentChildren } from "preact";
import "./lab-section.css";

export function LabSection({
	title,
	beside,
	children,
}: {
	title: string;
	beside: ComponentChildren;
	children: ComponentChildren;
}) {
	return (
		<section aria-label={title}>
			<div class="lab-section">
				<h3 class="quiet-heading">{title}</h3>
				{beside}
			</div>
			{children}
		</section>
	);
}
