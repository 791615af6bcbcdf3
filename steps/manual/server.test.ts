import { expect, it } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { openTestRun, testSpec } from "../test-run.ts";
import { manualExecutor } from "./server.ts";
import { manualType } from "./type.ts";

const body = "Tell whoever owns {{app}}.\n\n- [ ] {{app}} has agreed\n- [ ] Nobody deploys";
const attributes = { question: "How many wait in {{app}}?", answer: "number", evidence: "either" };
const whole = { checked: [true, true], answer: 3, text: "told #oncall", pictures: [] };

async function ask(answers: JsonValue) {
	const test = openTestRun({ values: { app: "shop" }, answers });
	const plan = await manualExecutor.plan(testSpec(manualType, body, { attributes }), test.context);
	if (Array.isArray(plan)) throw new Error(JSON.stringify(plan));
	const result = await manualExecutor.execute(plan, test.run);
	await test.close();
	return { plan, result, shown: test.shown() };
}

it("asks with the session's values and gives the answers as its result", async () => {
	const { plan, result, shown } = await ask(whole);
	expect(plan).toMatchObject({ commands: [], risk: "read", timeoutMs: 0 });
	expect(plan.detail).toMatchObject({
		instructions: "Tell whoever owns shop.",
		items: ["shop has agreed", "Nobody deploys"],
		question: { text: "How many wait in shop?", answer: "number" },
	});
	expect(result).toEqual({ result: whole, exitCode: null });
	expect(shown).toBe(
		"Tell whoever owns shop.\n[x] shop has agreed\n[x] Nobody deploys\nHow many wait in shop? 3\ntold #oncall\n",
	);
});

it.each([
	[{ ...whole, checked: [true, false] }, /Nobody deploys/],
	[{ ...whole, checked: [] }, /shop has agreed/],
	[{ ...whole, answer: "three" }, /wants a number/],
	[{ ...whole, answer: null }, /wants a number/],
	[{ ...whole, text: " " }, /words or a picture/],
	["nonsense", /can't be read/],
])("%j is not enough", async (answers, sentence) => {
	const { result } = await ask(answers);
	expect(result.problem?.detail).toMatch(sentence);
});

it("words that a person gave can't paint on the terminal", async () => {
	const { shown } = await ask({ ...whole, text: "a\u001b[2J\u0007b" });
	expect(shown).toContain("a␛[2J␇b");
});

it("a missing value is told before anybody is asked", async () => {
	const test = openTestRun();
	const plan = await manualExecutor.plan(testSpec(manualType, body, { attributes }), test.context);
	expect(plan).toMatchObject([{ code: "value-missing", at: { file: "test.md" } }]);
	await test.close();
});
