import { utcClock, utcDay } from "../../../words/utc-words.ts";
import type { TimelineEntry } from "./timeline-words.ts";

/**
 * The timeline as Markdown for a ticket or a review: a heading, then a line an entry; a new day is said. `onlyRunner` is
 * the person who ran everything: said once, where the entries don't say it.
 */
export function timelineMarkdown(
	title: string,
	entries: readonly TimelineEntry[],
	address: string,
	onlyRunner: string | null,
): string {
	const ran = onlyRunner === null ? "" : `All runs by **${escapeMarkdown(onlyRunner)}**. `;
	const lines = [`## ${escapeMarkdown(title)}`, "", `Times are UTC. ${ran}${address}`, ""];
	let day = "";
	for (const entry of entries) {
		const today = utcDay(entry.at);
		if (today !== day) {
			if (day !== "") lines.push("");
			lines.push(`**${today}**`, "");
			day = today;
		}
		const words = entry.parts
			.map(({ text, strong }) => {
				const clean = escapeMarkdown(text.replace(/\s*\n\s*/g, " "));
				const core = clean.trim();
				return strong === true && core !== "" ? clean.replace(core, () => `**${core}**`) : clean;
			})
			.join("");
		lines.push(`- \`${utcClock(entry.at)}\` ${words}`);
	}
	return `${lines.join("\n")}\n`;
}

/** What people and clusters wrote must stay text. */
export function escapeMarkdown(text: string): string {
	return text.replace(/[\\`*_[\]<>#|]/g, (sign) => `\\${sign}`);
}
