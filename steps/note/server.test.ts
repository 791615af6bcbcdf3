import { expect, it } from "vitest";
import { openTestRun, testSpec } from "../test-run.ts";
import { noteExecutor } from "./server.ts";
import { noteType } from "./type.ts";

it("shows its text with the session's values, and has no result", async () => {
	const test = openTestRun({ values: { app: "shop" } });
	const plan = await noteExecutor.plan(testSpec(noteType, "The owners of {{app}}\nsit in Riga.\n"), test.context);
	if (Array.isArray(plan)) throw new Error(JSON.stringify(plan));
	expect(plan).toMatchObject({ commands: [], risk: "read", detail: { text: "The owners of shop\nsit in Riga." } });
	expect(await noteExecutor.execute(plan, test.run)).toEqual({ result: null, exitCode: null });
	expect(test.raw()).toBe("The owners of shop\r\nsit in Riga.\r\n");
	await test.close();
});

it("names a value that is missing", async () => {
	const test = openTestRun();
	expect(await noteExecutor.plan(testSpec(noteType, "{{app}}"), test.context)).toMatchObject([
		{ code: "value-missing" },
	]);
	await test.close();
});
