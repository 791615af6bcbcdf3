import { describe, expect, test } from "vitest";
import { unitsOf } from "../../core/runbook.ts";
import type { ManualStep } from "../../steps/manual/type.ts";
import type { RedisStep } from "../../steps/redis/type.ts";
import type { WaitStep } from "../../steps/wait/type.ts";
import { fence, front, parseText } from "../../test/support/parse-text.ts";

describe("attributes", () => {
	test.each([
		['sh {"name":"a","capture":"x=output"}', { name: "a", capture: "x=output" }],
		['sh { "name": "a", "excludeFromRunAll": true }', { name: "a", excludeFromRunAll: "true" }],
		["sh {name=a timeout=5s}", { name: "a", timeout: "5s" }],
		["sh { name=a timeout=5s }", { name: "a", timeout: "5s" }],
		['{.bash #a title="two words"}', { name: "a", title: "two words" }],
		["sh name=\"a\" title='two words'", { name: "a", title: "two words" }],
		["{.sh name=a}", { name: "a" }],
		['sh {"name":"a","target":"local"} {"ignored":"1"}', { name: "a", target: "local" }],
		['sh {"name":"a","expect":"output.contains(\'}\')"}', { name: "a", expect: "output.contains('}')" }],
	])("%s", (info, wanted) => {
		const runbook = parseText(fence(info));
		expect(runbook.problems.filter((p) => p.severity === "error")).toEqual([]);
		expect(runbook.steps[0]?.attributes).toMatchObject(wanted);
	});

	test.each([
		"sh {1,3-5}",
		"sh showLineNumbers",
		'sh title="x.sh" {2}',
		"js {1}",
		'ts twoslash title="a"',
		"diff-js {.line-numbers}",
	])("%s is another tool's and no problem", (info) => {
		expect(parseText(fence(info)).problems.filter((p) => p.severity === "error")).toEqual([]);
	});

	test("type overrides the word, in both directions", () => {
		const runbook = parseText(
			fence('text {"type":"shell"}') +
				fence('sh {"type":"none"}') +
				fence('bash {"type":"redis","target":"c"}', "PING") +
				fence("sh ignore") +
				fence("sh {ignore=true}"),
		);
		expect(runbook.steps.map((s) => s.type)).toEqual(["shell", "redis"]);
		expect(runbook.problems).toEqual([]);
	});

	test("what every step has is read", () => {
		const runbook = parseText(
			front(
				`parameters: { cluster: { type: target, kind: redis } }
steps:
  b:
    expect: [{ that: "result == 'OK'", otherwise: "It said {{result}}" }, "exitCode == null"]
    when: { that: "topology.master == null", otherwise: "not needed" }
    capture: { x: "result", y: "size(result)" }
    finally: [{ when: "topology.master != null", run: "CLIENT UNPAUSE" }, "@{{cluster}}.sentinel PING"]
    recheck: [a]`,
				fence('redis {"name":"a","target":"{{cluster}}"}', "PING") +
					fence(
						'redis {"name":"b","target":"{{cluster}}.master","group":"g","risk":"destructive","timeout":"9s","confirm":"always","excludeFromRunAll":"true","undo":"none","title":"A title","expected":"OK"}',
						"# a comment\nCLIENT PAUSE 20000 WRITE\n@{{cluster}}.sentinel[1] SENTINEL FAILOVER {{ cluster.masterName }}",
					) +
					fence(
						'redis {"name":"c","target":"{{cluster}}","group":"g","until":"result == \'PONG\'","every":"50ms","timeout":"8s"}',
						"PING",
					),
			),
		);
		expect(runbook.problems).toEqual([]);
		expect(runbook.steps[1]).toMatchObject({
			title: "A title",
			target: "{{cluster}}.master",
			risk: "destructive",
			timeoutMs: 9_000,
			expect: [{ that: "result == 'OK'", otherwise: "It said {{result}}" }, { that: "exitCode == null" }],
			when: "topology.master == null",
			whenOtherwise: "not needed",
			capture: [
				{ name: "x", expression: "result" },
				{ name: "y", expression: "size(result)" },
			],
			confirm: "always",
			excludeFromRunAll: true,
			undo: "none",
			recheck: ["a"],
			group: "g",
			expected: "OK",
			finally: [{ when: "topology.master != null", run: "CLIENT UNPAUSE" }, { run: "@{{cluster}}.sentinel PING" }],
		});
		expect((runbook.steps[1]?.own as RedisStep).commands).toEqual([
			{ text: "CLIENT PAUSE 20000 WRITE", argv: ["CLIENT", "PAUSE", "20000", "WRITE"], line: 2 },
			{
				reference: "{{cluster}}.sentinel[1]",
				text: "SENTINEL FAILOVER {{cluster.masterName}}",
				argv: ["SENTINEL", "FAILOVER", "{{cluster.masterName}}"],
				line: 3,
			},
		]);
		expect(runbook.steps[2]).toMatchObject({
			until: { expression: "result == 'PONG'", everyMs: 50, timeoutMs: 8_000 },
		});
		expect(unitsOf(runbook.steps).map((u) => [u.name, u.group, u.steps])).toEqual([
			["a", false, ["a"]],
			["g", true, ["b", "c"]],
		]);
	});

	test("captures on one line may hold quotes and semicolons", () => {
		const [step] = parseText(fence(`sh {"capture":"a=output.contains(';'); b=size(output) == 1"}`)).steps;
		expect(step?.capture).toEqual([
			{ name: "a", expression: "output.contains(';')" },
			{ name: "b", expression: "size(output) == 1" },
		]);
	});

	test("manual and wait steps", () => {
		const runbook = parseText(
			fence('manual {"question":"How many?","answer":"number","evidence":"picture"}', "Count them.\n\n- [ ] counted") +
				fence('text {"type":"manual","question":"Which?","choices":"a, b"}', "Choose.") +
				fence('wait {"for":"2s"}', "so that it settles") +
				fence('wait {"until":"topology.master != null","target":"c","every":"250ms","timeout":"1m"}', ""),
		);
		expect(runbook.problems).toEqual([]);
		expect(runbook.steps.map((s) => s.own) as (ManualStep | WaitStep)[]).toEqual([
			{
				instructions: "Count them.",
				items: ["counted"],
				question: { text: "How many?", answer: "number", choices: [] },
				evidence: "picture",
			},
			{
				instructions: "Choose.",
				items: [],
				question: { text: "Which?", answer: "choice", choices: ["a", "b"] },
				evidence: "none",
			},
			{ forMs: 2_000, text: "so that it settles" },
			{ forMs: null, text: "" },
		]);
	});

	test("a variable that any block sets is no parameter, wherever it stands", () => {
		const runbook = parseText(fence("sh", "echo $STAMP") + fence("sh", "export STAMP=$(date)"));
		expect(runbook.parameters).toEqual([]);
	});

	test("a placeholder that the front matter declares is that parameter", () => {
		const runbook = parseText(
			front("parameters: { clusterName: { type: string } }", fence("sh", "echo <cluster-name>")),
		);
		expect(runbook.parameters.map((p) => [p.name, p.origin])).toEqual([["clusterName", "declared"]]);
	});
});
