import { describe, expect, test } from "vitest";
import { fence, front, parseText } from "../../test/support/parse-text.ts";

describe("texts that decode to hidden characters", () => {
	test("reach neither the runbook's title nor a step's", () => {
		const runbook = parseText(front('title: "\\u202Eevil"', fence('sh {"name":"look","title":"\\u202Eevil"}')));
		expect([runbook.title, ...runbook.steps.map((step) => step.title)]).toEqual(["Test", "Look"]);
		expect(parseText("# &#x202E;evil\n").title).toBe("Test");
	});

	test("emoji of several characters are no hidden ones", () => {
		const runbook = parseText(front('title: "⚠️ Failover 👩‍🚒"', `## 1️⃣ Look\n\n${fence("sh title='🏳️‍🌈 b'")}`));
		expect(runbook.problems).toEqual([]);
		expect(runbook.title).toBe("⚠️ Failover 👩‍🚒");
	});
});
