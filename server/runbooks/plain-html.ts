import type MarkdownIt from "markdown-it";
import type { StateBlock, StateInline } from "markdown-it";

/** Tags that only say how a few words look, and their ends. */
const pairPattern = /^<(kbd|sub|sup|b|strong|i|em|u|s|small|mark|code)>([^<\n]{1,500})<\/\1>/i;
const breakPattern = /^<br\s{0,4}\/?>/i;
const detailsPattern = /^<\/?details(?:\s+open(?:="")?)?\s{0,4}>\s*$/i;
const summaryPattern = /^(?:<details(?:\s+open(?:="")?)?\s{0,4}>\s*)?<summary>(.*)<\/summary>\s*$/i;

/**
 * Reads the few HTML tags, without attributes, that people write in Markdown for GitHub: line breaks, keys and the like,
 * and `<details>`, of which the summary becomes a title and nothing is folded away: a step in it must be seen. Makes tokens of
 * its own of them; all other HTML stays text.
 */
export function readPlainHtml(markdown: InstanceType<typeof MarkdownIt>): void {
	markdown.inline.ruler.before("html_inline", "plain_tags", readInline);
	markdown.block.ruler.before("paragraph", "details", readDetails, { alt: ["paragraph"] });
}

function readInline(state: StateInline, silent: boolean): boolean {
	if (state.src[state.pos] !== "<") return false;
	const rest = state.src.slice(state.pos, state.pos + 520);
	const lineBreak = breakPattern.exec(rest);
	if (lineBreak) {
		if (!silent) state.push("hardbreak", "br", 0);
		state.pos += lineBreak[0].length;
		return true;
	}
	const pair = pairPattern.exec(rest);
	if (!pair) return false;
	if (!silent) {
		const [, tag = "", words = ""] = pair;
		const name = tag.toLowerCase();
		state.push(`${name}_open`, name, 1);
		state.push("text", "", 0).content = words;
		state.push(`${name}_close`, name, -1);
	}
	state.pos += pair[0].length;
	return true;
}

function readDetails(state: StateBlock, startLine: number, _endLine: number, silent: boolean): boolean {
	const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
	if (state.src[start] !== "<" || (state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
	const text = state.src.slice(start, state.eMarks[startLine]).slice(0, 2_000);
	const title = summaryPattern.exec(text)?.[1];
	if (title === undefined && !detailsPattern.test(text)) return false;
	if (silent) return true;
	state.line = startLine + 1;
	if (title === undefined || title.trim() === "") return true;
	const open = state.push("paragraph_open", "p", 1);
	open.map = [startLine, startLine + 1];
	open.attrSet("class", "details-title");
	const inline = state.push("inline", "", 0);
	inline.content = title.trim();
	inline.map = open.map;
	inline.children = [];
	state.push("paragraph_close", "p", -1);
	return true;
}
