import { describe, expect, test } from "vitest";
import { parseText } from "../../test/support/parse-text.ts";

describe("the page", () => {
	const html = (source: string) =>
		parseText(source)
			.blocks.map((b) => (b.kind === "step" ? `[[${b.step}]]` : b.html))
			.join("\n");

	test.each([
		["<script>alert(1)</script>", "&lt;script&gt;"],
		['<img src=x onerror="alert(1)">', "&lt;img"],
		["a <b onclick=x>b</b>", "&lt;b onclick"],
		["[x](javascript:alert(1))", '<span class="blocked-link">x</span>'],
		["[x](JaVaScRiPt:alert(1))", '<span class="blocked-link">x</span>'],
		["[x](&#106;avascript:alert(1))", '<span class="blocked-link">x</span>'],
		["[x](&#x6A;&#x61;vascript&colon;alert(1))", '<span class="blocked-link">x</span>'],
		["[x](java\tscript:alert(1))", "[x](java"],
		["[x](data:text/html,x)", '<span class="blocked-link">x</span>'],
		["[x](vscode://file/x)", '<span class="blocked-link">x</span>'],
		["[x](file:///etc/passwd)", '<span class="blocked-link">x</span>'],
		["[x](//evil.example)", '<span class="blocked-link">x</span>'],
		["[x](/sign-out)", '<span class="blocked-link">x</span>'],
		["<javascript:alert(1)>", '<span class="blocked-link">'],
		["[a]\n\n[a]: javascript:x", '<span class="blocked-link">a</span>'],
		["![x](data:image/svg+xml;base64,PHN2Zz4=)", "(not loaded)"],
		["![x](https://example.org/x.png)", "x (not loaded)"],
		["![x](//example.org/x.png)", "x (not loaded)"],
		["![x](../../etc/x.png)", "x (not loaded)"],
		["![x](%2e%2e/%2e%2e/x.png)", "x (not loaded)"],
		["![x](/etc/x.png)", "x (not loaded)"],
		["![x](a.html)", "x (not loaded)"],
		["![x](pictures/a%20b.png)", 'src="/api/runbook-files/lib/test.md?file=pictures%2Fa%20b.png"'],
		["[x](https://example.org/a)", 'href="https://example.org/a" rel="noopener noreferrer nofollow" target="_blank"'],
		["[x](mailto:a@example.org)", 'href="mailto:a@example.org"'],
		["[x](#look)", 'href="#look"'],
		["[x](other.md#part)", 'href="/runbooks/lib/other.md#part"'],
		["[x](../outside.md)", '<span class="blocked-link">x</span>'],
		["<!-- a note -->\n\ntext", "text"],
	])("%s", (source, wanted) => {
		const rendered = html(source);
		expect(rendered).toContain(wanted);
		expect(rendered).not.toMatch(
			/<(?:script|iframe|img[^>]+(?:onerror|src="(?:https?:|\/\/|data:)))|<[^>]*\son\w+=|href="(?!https?:|mailto:|#|\/runbooks\/)/i,
		);
		expect(rendered).not.toContain("a note");
	});

	test("the few tags that people write for GitHub are read, without attributes; of a folded part nothing is hidden", () => {
		expect(html("Press <kbd>Ctrl+C</kbd><br>then H<SUB>2</SUB>O <b>now</b> <br/>x")).toBe(
			"<p>Press <kbd>Ctrl+C</kbd><br>\nthen H<sub>2</sub>O <b>now</b> <br>\nx</p>",
		);
		expect(html("| a |\n| - |\n| b<br>c |")).toContain("<td>b<br>\nc</td>");
		const folded =
			"Before\n<details open>\n<summary>If it **hangs**</summary>\n\n```sh\nls\n```\n\nText\n</details>\n\nAfter";
		expect(html(folded)).toBe(
			'<p>Before</p>\n<p class="details-title">If it <strong>hangs</strong></p>\n[[step]]\n<p>Text</p>\n<p>After</p>',
		);
		expect(html("<details><summary>One line</summary>\n\nText\n\n</details>")).toBe(
			'<p class="details-title">One line</p>\n<p>Text</p>',
		);
		for (const source of [
			'<kbd onclick="x">a</kbd>',
			"<b>not closed",
			"<b><i>in one another</i></b>",
			'<details ontoggle="x">',
			"<summary>alone",
		])
			expect(html(source)).toContain("&lt;");
		expect(html("`<br>`")).toBe("<p><code>&lt;br&gt;</code></p>");
		expect(html("<summary><img src=x onerror=alert(1)></summary>")).toContain("&lt;img");
	});

	test("GitHub's callouts", () => {
		expect(html("> [!CAUTION]\n> It **breaks**.\n\n> [!note]\n> Fine.\n>\n> - a\n\n> [!NOTE] not alone\n")).toBe(
			'<div class="callout callout-caution" role="note">\n<p class="callout-title">Caution</p>\n<p>It <strong>breaks</strong>.</p>\n</div>\n' +
				'<div class="callout callout-note" role="note">\n<p class="callout-title">Note</p>\n<p>Fine.</p>\n<ul>\n<li>a</li>\n</ul>\n</div>\n' +
				"<blockquote>\n<p>[!NOTE] not alone</p>\n</blockquote>",
		);
	});

	test("a step inside a list cuts it, and the numbers go on", () => {
		const source =
			"1. First\n\n   ```sh\n   ls\n   ```\n\n   and then\n\n2. Second\n\n   ```sh\n   df\n   ```\n\n3. Third\n";
		const runbook = parseText(source);
		expect(runbook.steps.map((s) => s.body)).toEqual(["ls", "df"]);
		expect(html(source).replace(/\n/g, "")).toBe(
			"<ol><li><p>First</p></li></ol>[[step]]" +
				'<ol start="1"><li class="continued"><p>and then</p></li><li><p>Second</p></li></ol>[[step-2]]' +
				'<ol start="3"><li><p>Third</p></li></ol>',
		);
	});

	test("a list that is tasks only in part stays a list, with boxes", () => {
		const rendered = html("- [x] done\n- plain\n");
		expect(rendered).toContain('<span class="task-box task-box-done" role="img" aria-label="done">');
		expect(parseText("- [x] done\n- plain\n").steps).toEqual([]);
	});

	test("headings have GitHub's ids, each once", () => {
		const { blocks } = parseText("# A b!\n## A b\n## Über `x`\n");
		expect(blocks.map((b) => (b.kind === "heading" ? [b.level, b.id, b.text, b.html] : b))).toEqual([
			[1, "a-b", "A b!", "A b!"],
			[2, "a-b-1", "A b", "A b"],
			[2, "über-x", "Über x", "Über <code>x</code>"],
		]);
	});

	test("tables", () => {
		expect(html("| a | b |\n|---|--:|\n| 1 | `2` |\n")).toContain('<td style="text-align:right"><code>2</code></td>');
	});
});
