/* A row of a `list-table`: what it is called leads there, from anywhere in the row. */
import type { ComponentChildren } from "preact";
import "./list-table.css";

export function ListRow({
	id,
	class: className,
	index,
	selected,
	href,
	title,
	about,
	children,
}: {
	id?: string;
	class: string;
	/** Which row of all it is, the head being the first; for a table that draws only some. */
	index?: number;
	/** The one that Enter is about. */
	selected: boolean;
	href: string;
	title: string;
	/** Stands below the title. */
	about: ComponentChildren;
	children: ComponentChildren;
}) {
	return (
		<tr id={id} class={`list-row ${className}`} aria-selected={selected} aria-rowindex={index}>
			<th scope="row">
				<a class="list-row__link" href={href}>
					{title}
				</a>
				{about}
			</th>
			{children}
		</tr>
	);
}
