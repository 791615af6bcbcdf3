import { describe, expect, test } from "vitest";
import { front, parseText } from "../../test/support/parse-text.ts";

describe("what a list says of a plain Markdown file is its first paragraph of prose as text", () => {
	test.each([
		["markup, over two lines", "# T\n\nSee *the* [docs](https://x.org) and\n`code`.\n", "See the docs and code."],
		["a task's mark", "# T\n\n[x] look at it\n", "look at it"],
		["after a list of tasks", "# T\n\n- [x] done\n- [ ] not done\n\nThen this.\n", "Then this."],
		["HTML within it", "# T\n\nThe <b>first</b>, <a href='x'>linked</a><br/>line.\n", "The first, linked line."],
		[
			"HTML alone before it",
			'<p align="center"><img src="a_b_c.png"></p>\n\n<h1>T</h1>\n\n<!-- for\nauthors -->\n\nProse.\n',
			"Prose.",
		],
		["badges alone before it", "[![build](a.svg)](https://x.org) ![x](y.png)\n\nProse.\n", "Prose."],
		["code that shows HTML", "Write `<b>` and not <b>bold</b>.\n", "Write <b> and not bold."],
		["a placeholder, which is no HTML", "Say <password> first.\n", "Say <password> first."],
		["nothing but headings and lists", "# T\n\n- a\n- b\n\n```sh\nls\n```\n", ""],
	])("%s", (_, source, excerpt) => {
		expect(parseText(source).summary).toBe(excerpt);
	});
});

describe("a file whose front matter is broken is listed by its first heading, else by its name", () => {
	test.each([
		["broken YAML", front('title: "x\nowner: y', "## Save the *disk*\n\n# Later\n"), "Save the disk"],
		["a language of its own", "---js\ntitle: x\n---\n# Save the disk\n", "Save the disk"],
		["without an end", "---\ntitle: x\n\n# Save the disk\n", "Save the disk"],
		["without an end or a heading", "---\ntitle: x\n\nSave the disk\n", "Test"],
		["in another language, without a heading", "---js\ntitle: x\n---\n\nSave the disk\n", "Test"],
		["with a heading that turns around", "---js\n---\n# &#x202E;evil\n", "Test"],
	])("%s", (_, source, title) => {
		const runbook = parseText(source);
		expect(runbook.problems.map((p) => p.severity)).toContain("error");
		expect(runbook.title).toBe(title);
	});
});
