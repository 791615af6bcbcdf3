import type { DraftPlace } from "./drafts.ts";

const draftsOf = (person: string) => `drafts ${person} `;

/** Drops what this tab keeps of anybody but this person; with null, all of it. For any page: the one where it was typed may be gone. */
export function dropDrafts(window: Window, but: string | null): void {
	try {
		const others = Object.keys(window.sessionStorage).filter(
			(name) => name.startsWith("drafts ") && (but === null || !name.startsWith(draftsOf(but))),
		);
		for (const name of others) window.sessionStorage.removeItem(name);
	} catch {
		// Not allowed: then nothing was kept.
	}
}

/**
 * This tab's own store, which a reload keeps and the end of the tab does not: for one session and one person, so that
 * whoever signs in here next does not find it. Without a person, or where the browser keeps nothing, nothing is kept.
 */
export function draftsInTab(window: Window, session: string, person: () => string | undefined): DraftPlace {
	const key = () => {
		const whose = person();
		return whose === undefined ? null : `${draftsOf(whose)}${session}`;
	};
	return {
		read() {
			const name = key();
			try {
				return name === null ? null : window.sessionStorage.getItem(name);
			} catch {
				return null;
			}
		},
		write(text) {
			const name = key();
			if (name === null) return;
			try {
				if (text === null) window.sessionStorage.removeItem(name);
				else window.sessionStorage.setItem(name, text);
			} catch {
				// Full, or not allowed: it is kept as long as the page stands.
			}
		},
	};
}
