import type { Token } from "markdown-it";
import type { SourcePlace } from "../../core/problem.ts";
import type { DocumentBlock } from "../../core/runbook.ts";
import { textOf } from "./addresses.ts";
import { type FenceInfo, readFenceInfo } from "./fence-info.ts";
import { isTaskList, type Markdown } from "./markdown.ts";

/** A block that may become a step: a fence, or a list of tasks. */
export interface Candidate {
	/** Index of its first token, and of the one after its last. */
	start: number;
	end: number;
	body: string;
	/** Null for a list of tasks. */
	info: FenceInfo | null;
	/** The fence, or the list's first line. */
	place: SourcePlace;
	/** How far the block's lines are indented, in characters. */
	indent: number;
	/** A fence that is not closed ends with the file, or with the list that it stands in. */
	closed: boolean;
	/** The text of the nearest heading before it; empty when there is none. */
	heading: string;
}

/** Finds the blocks that may become steps, in reading order. `lines` are the source's. */
export function findCandidates(tokens: readonly Token[], lines: readonly string[], file: string): Candidate[] {
	const candidates: Candidate[] = [];
	let heading = "";
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i];
		if (!token?.map) continue;
		const line = lines[token.map[0]] ?? "";
		if (token.type === "heading_open") heading = textOf(tokens[i + 1] ?? token).trim();
		else if (token.type === "fence") {
			const marker = Math.max(0, line.indexOf(token.markup));
			const infoColumn = marker + token.markup.length + leadingSpace(token.info) + 1;
			const place = { file, line: token.map[0] + 1, column: marker + 1 };
			candidates.push({
				start: i,
				end: i + 1,
				body: token.content.replace(/\n$/, ""),
				info: readFenceInfo(token.info.trim(), { ...place, column: infoColumn }),
				place,
				indent: marker,
				closed: isClosed(token, lines),
				heading,
			});
		} else if (isTaskList(tokens, i)) {
			let end = i + 1;
			while (end < tokens.length && !(tokens[end]?.level === token.level && tokens[end]?.nesting === -1)) end++;
			end++;
			const indent = line.search(/[-*+\d]/);
			const body = lines
				.slice(token.map[0], token.map[1])
				.map((text) => text.replace(new RegExp(`^[ \\t>]{0,${Math.max(0, indent)}}`), ""))
				.join("\n")
				.trimEnd();
			candidates.push({
				start: i,
				end,
				body,
				info: null,
				place: { file, line: token.map[0] + 1, column: Math.max(0, indent) + 1 },
				indent: Math.max(0, indent),
				closed: true,
				heading,
			});
			i = end - 1;
		}
	}
	return candidates;
}

/** Whether a fence's last line closes it. Inside lists and quotes the line may begin with their marks. */
function isClosed({ map, markup }: Token, lines: readonly string[]): boolean {
	const [from, to] = map ?? [0, 0];
	const last = (lines[to - 1] ?? "").replace(/^[\s>]+/, "").trimEnd();
	return to - 1 > from && last.length >= markup.length && last === (markup[0] ?? "").repeat(last.length);
}

function leadingSpace(text: string): number {
	return text.length - text.trimStart().length;
}

/**
 * Puts the document together: prose, headings and steps in reading order. A step inside a list or a quote ends it before and
 * opens it again after, so that every block stands by itself. `steps`: the names, by the index of the first token.
 */
export function renderDocument(
	markdown: Markdown,
	tokens: readonly Token[],
	steps: ReadonlyMap<number, { name: string; end: number }>,
): DocumentBlock[] {
	const blocks: DocumentBlock[] = [];
	const ids = new Map<string, number>();
	let prose: Token[] = [];
	/** The containers that are open, with what has been seen of them. */
	let open: { token: Token; item: number }[] = [];

	const flush = () => {
		const html = markdown.renderer
			.render(prose, markdown.options, {})
			.replace(
				/<ol start="(\d+)">\s*<li class="continued">\s*<\/li>/g,
				(_, start) => `<ol start="${Number(start) + 1}">`,
			)
			.replace(/<li class="continued">\s*<\/li>/g, "")
			.trim();
		// Containers that were opened and closed again around nothing.
		if (html.replace(/<\/?(?:ul|ol|li|div|blockquote)(?:\s[^>]*)?>|\s/g, "") !== "")
			blocks.push({ kind: "prose", html });
		prose = [];
	};
	const closing = () => [...open].reverse().map(({ token }) => closeOf(token));

	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i];
		if (!token) continue;
		const step = steps.get(i);
		if (step) {
			prose.push(...closing());
			flush();
			blocks.push({ kind: "step", step: step.name });
			prose.push(...open.map(({ token: container, item }) => reopen(container, item)));
			i = step.end - 1;
			continue;
		}
		if (token.type === "heading_open" && open.length === 0) {
			flush();
			const inline = tokens[i + 1];
			const text = inline ? textOf(inline).trim() : "";
			const html = inline?.children ? markdown.renderer.renderInline(inline.children, markdown.options, {}) : "";
			blocks.push({ kind: "heading", level: Number(token.tag.slice(1)), id: uniqueId(text, ids), text, html });
			i += 2;
			continue;
		}
		if (token.nesting === 1 && /^(?:bullet_list|ordered_list|list_item|blockquote)_open$/.test(token.type)) {
			if (token.type === "list_item_open") {
				const list = open.at(-1);
				if (list) list.item++;
			}
			open.push({ token, item: 0 });
		} else if (token.nesting === -1 && /^(?:bullet_list|ordered_list|list_item|blockquote)_close$/.test(token.type))
			open.pop();
		prose.push(token);
	}
	flush();
	open = [];
	return blocks;
}

function closeOf(open: Token): Token {
	const close = cloneOf(open);
	close.type = open.type.replace(/_open$/, "_close");
	close.nesting = -1;
	close.attrs = null;
	return close;
}

/** The same container again, going on where it was cut: numbers continue, and an item that goes on shows no second mark. */
function reopen(open: Token, items: number): Token {
	const again = cloneOf(open);
	if (open.type === "ordered_list_open") {
		const start = Number(open.attrGet("start") ?? 1);
		// The item that was cut continues without a mark of its own; the next one has the next number.
		again.attrs = [["start", String(start + items - 1)]];
	}
	if (open.type === "list_item_open") again.attrs = [["class", "continued"]];
	return again;
}

function cloneOf(token: Token): Token {
	return Object.assign(Object.create(Object.getPrototypeOf(token)) as Token, token, {
		attrs: token.attrs === null ? null : token.attrs.map((pair) => [...pair]),
	});
}

/** As GitHub makes them, so that links within a document work in both places. `taken`: each id, with the next number after it. */
function uniqueId(text: string, taken: Map<string, number>): string {
	const base =
		text
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
			.replace(/ /g, "-") || "section";
	let id = base;
	let next = taken.get(base) ?? 0;
	while (taken.has(id)) id = `${base}-${++next}`;
	taken.set(base, next);
	if (id !== base) taken.set(id, 0);
	return id;
}
