import { posix } from "node:path";
import type { Token } from "markdown-it";
import { type Problem, problem } from "../../core/problem.ts";
import { httpRoutes } from "../../core/protocol.ts";

/** Pictures that browsers show; SVG only as a picture, behind a policy that lets nothing in it run. */
export const pictureTypes = [".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"] as const;

/**
 * Judges every link and picture of a document, in place: other schemes than https, http and mailto become plain text, remote
 * pictures a word in their place, local pictures get the server's address, links to other runbooks the page's. `path` is the runbook's
 * below its folder, `file` what places name, `lines` the document's.
 */
export function judgeAddresses(
	tokens: readonly Token[],
	{ path, file, lines }: { path: string; file: string; lines: readonly string[] },
): Problem[] {
	const problems: Problem[] = [];
	/** The line, from 0, of what is open: cells of a table have none of their own. */
	let line = 0;
	for (const token of tokens) {
		line = token.map?.[0] ?? line;
		if (token.type !== "inline" || !token.children) continue;
		const first = line;
		const blocked = (detail: string, { meta }: Token) => {
			const at = { file, ...placeIn(token.content, (meta as { offset?: number } | null)?.offset ?? 0, first, lines) };
			problems.push(problem("link-blocked", detail, { severity: "warning", at }));
		};
		let inBlocked = false;
		for (const child of token.children) {
			if (child.type === "link_open") {
				const href = String(child.attrGet("href") ?? "");
				const address = linkAddress(href, path);
				if (address === null) {
					blocked(`The link to \`${shorten(href)}\` is not opened.`, child);
					child.tag = "span";
					child.attrs = [["class", "blocked-link"]];
					inBlocked = true;
				} else {
					child.attrSet("href", address);
					if (/^https?:/i.test(address)) {
						child.attrSet("rel", "noopener noreferrer nofollow");
						child.attrSet("target", "_blank");
					}
				}
			} else if (child.type === "link_close" && inBlocked) {
				child.tag = "span";
				inBlocked = false;
			} else if (child.type === "image") {
				const src = String(child.attrGet("src") ?? "");
				const address = pictureAddress(src, path);
				if (address !== null) {
					child.attrSet("src", address);
					child.attrSet("loading", "lazy");
				} else {
					blocked(`The picture \`${shorten(src)}\` is not loaded.`, child);
					child.type = "blocked_image";
					child.content = textOf(child);
					child.attrs = null;
					child.children = null;
				}
			}
		}
	}
	return problems;
}

/** Where a character of a paragraph's text stands in the document: its lines there may be indented or quoted. */
function placeIn(content: string, offset: number, first: number, lines: readonly string[]) {
	const before = content.slice(0, offset).split("\n");
	const line = first + before.length - 1;
	const start = offset - (before.at(-1)?.length ?? 0);
	const text = content.slice(start).split("\n", 1)[0] ?? "";
	const indent = Math.max(0, lines[line]?.indexOf(text) ?? 0);
	return { line: line + 1, column: indent + offset - start + 1 };
}

/** The text that a token and what is in it show. */
export function textOf(token: Token): string {
	if (token.type === "image") return (token.children ?? []).map(textOf).join("") || String(token.attrGet("alt") ?? "");
	if (token.children) return token.children.map(textOf).join("");
	if (token.type === "softbreak" || token.type === "hardbreak") return " ";
	return token.type === "text" || token.type === "code_inline" || token.type === "text_special" ? token.content : "";
}

function linkAddress(href: string, path: string): string | null {
	if (/^(?:https?:\/\/[^/]|mailto:)/i.test(href)) return href;
	if (href.startsWith("#")) return href;
	const inside = localPath(href.split(/[?#]/)[0] ?? "", path);
	if (inside === null || !/\.(?:md|markdown)$/i.test(inside)) return null;
	const anchor = /#[^?]*$/.exec(href)?.[0] ?? "";
	return `/runbooks/${inside.split("/").map(encodeURIComponent).join("/")}${anchor}`;
}

function pictureAddress(src: string, path: string): string | null {
	const bare = src.split(/[?#]/)[0] ?? "";
	const inside = localPath(bare, path);
	if (inside === null || !pictureTypes.some((type) => inside.toLowerCase().endsWith(type))) return null;
	// The file as the author wrote it, relative to the runbook; the server resolves it again and for itself.
	return httpRoutes.runbookFile(path, decode(bare) ?? "");
}

/** A relative address as a path below the runbook's configured folder, or null when it leaves it or is none. */
function localPath(address: string, path: string): string | null {
	const decoded = decode(address);
	if (decoded === null || decoded === "" || /[\u0000\\]/.test(decoded)) return null;
	if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(decoded) || decoded.startsWith("/")) return null;
	const [folder = ""] = path.split("/");
	const joined = posix.join(posix.dirname(path), decoded);
	return joined.startsWith(`${folder}/`) ? joined : null;
}

function decode(address: string): string | null {
	try {
		return decodeURIComponent(address);
	} catch {
		return null;
	}
}

function shorten(address: string): string {
	return address.length > 80 ? `${address.slice(0, 77)}...` : address;
}
