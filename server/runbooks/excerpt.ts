import type { Token } from "markdown-it";

/** Characters. */
const longest = 300;

/** Raw HTML is text to our parser; of what a person wrote in `<angle brackets>` only these are markup. */
const element =
	"a|abbr|b|big|blockquote|br|center|code|dd|del|details|div|dl|dt|em|font|h[1-6]|hr|i|iframe|img|input|ins|kbd|li|mark|ol|p|picture|pre|s|small|source|span|strike|strong|sub|summary|sup|svg|table|tbody|td|th|thead|tr|u|ul|video";
const heading = /<h([1-6])\b[^<>]*>.*?<\/h\1\s*>/gi;
const tag = new RegExp(`</?(?:${element})(?:\\s[^<>]*)?/?>|<!--.*?-->`, "gi");
const taskMark = /^\[[ xX]\][ \t]+/;

/**
 * What a list says of a document: its first paragraph of prose as text, at most 300 characters; empty when there is none.
 * Pictures, HTML tags and the marks of tasks are no prose, and a paragraph of nothing else is passed over.
 */
export function excerptOf(tokens: readonly Token[]): string {
	for (const [i, token] of tokens.entries()) {
		if (token.type !== "paragraph_open" || token.level !== 0 || token.hidden) continue;
		const text = proseOf(tokens[i + 1]?.children ?? []);
		if (/[\p{L}\p{N}]/u.test(text)) return text.slice(0, longest);
	}
	return "";
}

function proseOf(children: readonly Token[]): string {
	let prose = "";
	let text = "";
	const flush = () => {
		prose += text.replace(heading, " ").replace(tag, " ");
		text = "";
	};
	for (const { type, content } of children) {
		if (type === "code_inline") {
			// What stands in code is meant to the letter.
			flush();
			prose += content;
		} else if (type === "softbreak" || type === "hardbreak") text += " ";
		else if (type === "text" || type === "text_special") text += content;
	}
	flush();
	return prose
		.replace(/\s+/g, " ")
		.trim()
		.replace(taskMark, "")
		.replace(/ ([.,;:!?])(?= |$)/g, "$1");
}
