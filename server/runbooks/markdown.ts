import MarkdownIt, { type StateBlock, type StateCore, type Token } from "markdown-it";
import { readPlainHtml } from "./plain-html.ts";

/** A configured parser and renderer. */
export type Markdown = InstanceType<typeof MarkdownIt>;

/** Deeper than this, markdown-it leaves text out; the parser makes a problem of it. */
export const maxMarkdownDepth = 100;

/** Blocks that we know but don't run: they are labelled so. */
const labels: Record<string, string> = {
	sql: "SQL",
	psql: "SQL",
	postgres: "SQL",
	postgresql: "SQL",
	mysql: "SQL",
	mongosh: "MongoDB shell",
	mongo: "MongoDB shell",
	mongodb: "MongoDB shell",
	promql: "PromQL",
	http: "HTTP",
	rest: "HTTP",
	graphql: "GraphQL",
	cql: "CQL",
	powershell: "PowerShell",
	pwsh: "PowerShell",
	ps1: "PowerShell",
	bat: "Windows batch",
	cmd: "Windows batch",
	fish: "fish",
	s3: "S3",
	ansible: "Ansible",
};

/**
 * A markdown-it that gives inert HTML: raw HTML is text (comments are left out, a few plain tags are read), callouts as
 * GitHub writes them, boxes of tasks.
 * Addresses of links and pictures are judged afterwards, see addresses.ts; so the library's own, narrower check is off.
 */
export function createMarkdown(): Markdown {
	const markdown = new MarkdownIt("default", {
		html: false,
		linkify: false,
		typographer: false,
		maxNesting: maxMarkdownDepth,
	});
	markdown.validateLink = () => true;
	markdown.block.State = LimitedBlocks;
	markdown.inline.State = PlacedInline;
	markdown.block.ruler.before("paragraph", "html_comment", skipComment, { alt: ["paragraph"] });
	readPlainHtml(markdown);
	markdown.core.ruler.after("block", "long_paragraphs", leaveOutLong);
	markdown.core.ruler.push("callouts", markCallouts);
	markdown.core.ruler.push("task_boxes", markTasks);
	markdown.renderer.rules.task_box = (tokens, index) =>
		tokens[index]?.meta?.done === true
			? '<span class="task-box task-box-done" role="img" aria-label="done">☑</span> '
			: '<span class="task-box" role="img" aria-label="not done">☐</span> ';
	markdown.renderer.rules.callout_title = (tokens, index) =>
		`<p class="callout-title">${markdown.utils.escapeHtml(tokens[index]?.content ?? "")}</p>\n`;
	markdown.renderer.rules.blocked_image = (tokens, index) =>
		`<span class="blocked-image" title="Pictures from elsewhere are not loaded">${markdown.utils.escapeHtml(tokens[index]?.content || "picture")} (not loaded)</span>`;
	markdown.renderer.rules.fence = (tokens, index) => {
		const token = tokens[index];
		const word = /^[A-Za-z0-9_+#-]+/.exec(token?.info.trim() ?? "")?.[0]?.toLowerCase() ?? "";
		const language = word === "" ? "" : ` class="language-${markdown.utils.escapeHtml(word)}"`;
		const code = `<pre><code${language}>${markdown.utils.escapeHtml(token?.content ?? "")}</code></pre>\n`;
		const label = Object.hasOwn(labels, word) ? labels[word] : undefined;
		return label === undefined
			? code
			: `<figure class="not-run"><figcaption>${label}, not run here</figcaption>${code}</figure>\n`;
	};
	return markdown;
}

/** What a document as large as a file may be has, when a person wrote it, is far below; every one takes time and memory. */
const maxTokens = 100_000;

/** A document has too many paragraphs, list items and cells; `line` (from 0) is about where. */
export class TooManyBlocks extends Error {
	readonly line: number;

	constructor(line: number) {
		super("There are too many paragraphs, list items and table cells.");
		this.line = line;
	}
}

class LimitedBlocks extends MarkdownIt.StateBlock {
	override push(type: string, tag: string, nesting: -1 | 0 | 1): Token {
		if (this.tokens.length >= maxTokens)
			throw new TooManyBlocks(this.tokens.findLast((token) => token.map)?.map?.[0] ?? this.line);
		return super.push(type, tag, nesting);
	}
}

/** Links and pictures remember where in their paragraph's text they begin, in `meta.offset`. */
class PlacedInline extends MarkdownIt.StateInline {
	override push(type: string, tag: string, nesting: -1 | 0 | 1): Token {
		const token = super.push(type, tag, nesting);
		if (type === "image") token.meta = { offset: this.pos };
		// The parser stands behind the bracket then; an address in `<>` has none.
		else if (type === "link_open") token.meta = { offset: this.src[this.pos - 1] === "[" ? this.pos - 1 : this.pos };
		return token;
	}
}

/**
 * The time that inline markup takes grows faster than its length. One paragraph may have so many characters; those that are
 * longer than anybody writes by hand (a pasted log, say) may have so many together.
 */
const maxParagraph = 50_000;
const longParagraph = 10_000;
const maxLongParagraphs = 100_000;

/** Leaves the text of paragraphs beyond the limits out before their markup is read; `env.tooLong` has the first one's line, from 0. */
function leaveOutLong(state: StateCore): void {
	let long = 0;
	for (const token of state.tokens) {
		if (token.type !== "inline" || token.content.length <= longParagraph) continue;
		long += token.content.length;
		if (token.content.length <= maxParagraph && long <= maxLongParagraphs) continue;
		token.content = "";
		state.env.tooLong ??= token.map?.[0] ?? 0;
	}
}

/** `<!-- ... -->` at the start of a line is a note for authors, not for readers. */
function skipComment(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
	const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
	if (!state.src.startsWith("<!--", start)) return false;
	const rest = afterComment(state.src.slice(start + 4, state.eMarks[startLine]));
	let line = startLine;
	let isLast = rest?.trim() === "";
	if (rest === null) {
		state.env.commentEnds ??= findCommentEnds(state);
		const { next, isAlone } = state.env.commentEnds as CommentEnds;
		line = next[startLine + 1] ?? endLine;
		isLast = isAlone[line] === 1;
	}
	// Text after the comment on its last line is a paragraph of its own; leave such lines alone.
	if (line >= endLine || !isLast) return false;
	if (!silent) state.line = line + 1;
	return true;
}

/** For each line of a document: the next one, from it on, that holds `-->`; and whether nothing follows on that line. */
interface CommentEnds {
	next: Int32Array;
	isAlone: Uint8Array;
}

/** Once a document: looking for the end from every line that begins a comment takes minutes when there are many. */
function findCommentEnds({ src, eMarks, lineMax }: StateBlock): CommentEnds {
	const next = new Int32Array(lineMax + 1).fill(lineMax);
	const isAlone = new Uint8Array(lineMax + 1);
	for (let line = lineMax - 1; line >= 0; line--) {
		const rest = afterComment(src.slice(line === 0 ? 0 : (eMarks[line - 1] ?? 0) + 1, eMarks[line]));
		next[line] = rest === null ? (next[line + 1] ?? lineMax) : line;
		if (rest?.trim() === "") isAlone[line] = 1;
	}
	return { next, isAlone };
}

/** What follows the first `-->`; null when there is none. */
function afterComment(text: string): string | null {
	const close = text.indexOf("-->");
	return close === -1 ? null : text.slice(close + 3);
}

const calloutPattern = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*$/i;

/** GitHub's alerts: a block quote whose first line is `[!CAUTION]` and nothing else. */
function markCallouts(state: StateCore): void {
	const { tokens } = state;
	const marked: Token[] = [];
	/** The quotes that are open: whether each is a callout. */
	const open: boolean[] = [];
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i] as Token;
		marked.push(token);
		if (token.type === "blockquote_close" && open.pop()) token.tag = "div";
		if (token.type !== "blockquote_open") continue;
		const [paragraph, inline] = [tokens[i + 1], tokens[i + 2]];
		const isText = paragraph?.type === "paragraph_open" && inline?.type === "inline";
		const kind = isText ? calloutPattern.exec(inline.content.split("\n", 1)[0] ?? "")?.[1]?.toLowerCase() : undefined;
		open.push(kind !== undefined);
		if (kind === undefined || !paragraph || !inline) continue;
		token.tag = "div";
		token.attrSet("class", `callout callout-${kind}`);
		token.attrSet("role", "note");
		const title = new state.Token("callout_title", "p", 0);
		title.content = kind.charAt(0).toUpperCase() + kind.slice(1);
		title.level = paragraph.level;
		marked.push(title);
		const children = inline.children ?? [];
		const lineBreak = children.findIndex((child) => child.type === "softbreak" || child.type === "hardbreak");
		// Without text of its own the first paragraph is the title alone.
		if (lineBreak === -1) i += 3;
		else inline.children = children.slice(lineBreak + 1);
	}
	state.tokens = marked;
}

/** `[ ] ` and `[x] ` at the start of a list item become boxes. The inline token remembers that it is a task. */
function markTasks(state: StateCore): void {
	const { tokens } = state;
	for (let i = 2; i < tokens.length; i++) {
		const inline = tokens[i];
		if (
			inline?.type !== "inline" ||
			tokens[i - 1]?.type !== "paragraph_open" ||
			tokens[i - 2]?.type !== "list_item_open"
		)
			continue;
		const first = inline.children?.[0];
		const match = first?.type === "text" ? /^\[([ xX])\][ \t]+/.exec(first.content) : null;
		if (!first || !match) continue;
		first.content = first.content.slice(match[0].length);
		const box = new state.Token("task_box", "span", 0);
		box.meta = { done: match[1] !== " " };
		inline.children?.unshift(box);
		inline.meta = { ...(inline.meta as object | null), task: true };
	}
}

/** Whether the list that opens at the index holds tasks alone: each item one, and nothing in them but text and such lists. */
export function isTaskList(tokens: readonly Token[], open: number): boolean {
	const list = tokens[open];
	if (list?.type !== "bullet_list_open" && list?.type !== "ordered_list_open") return false;
	let items = 0;
	for (let i = open + 1; i < tokens.length; i++) {
		const token = tokens[i];
		if (!token || (token.level === list.level && token.nesting === -1)) break;
		if (token.type === "list_item_open") {
			items++;
			const inline = tokens[i + 2];
			if (inline?.type !== "inline" || (inline.meta as { task?: boolean } | null)?.task !== true) return false;
		} else if (!/^(?:paragraph|list_item|bullet_list|ordered_list)_|^inline$/.test(token.type)) return false;
	}
	return items > 0;
}
