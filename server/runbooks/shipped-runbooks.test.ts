import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unitsOf } from "../../core/runbook.ts";
import { parseText } from "../../test/support/parse-text.ts";
import { findMarkdown } from "./runbook-folder.ts";

test("the runbooks that ship have no problem at all, and name no lab", async () => {
	const folder = new URL("../../runbooks/", import.meta.url).pathname;
	const { files } = await findMarkdown(folder);
	expect(files).toEqual(
		expect.arrayContaining([
			"redis/backup-restore.md",
			"redis/health.md",
			"redis/master-down.md",
			"redis/planned-failover.md",
		]),
	);
	for (const file of files) {
		const source = readFileSync(folder + file, "utf8");
		const runbook = parseText(source);
		expect(runbook.problems).toEqual([]);
		expect(runbook.steps.length).toBeGreaterThan(0);
		expect(source).not.toMatch(/\blab\b/i);
		// Every step that looks at something says what must hold, unless it only hands a value on.
		for (const step of runbook.steps) {
			if (step.type === "redis")
				expect(step.expect.length + (step.until ? 1 : 0) + step.capture.length).toBeGreaterThan(0);
		}
	}
});

test("the failover is one group, rechecked, and released only where no write can be lost", () => {
	const source = readFileSync(new URL("../../runbooks/redis/planned-failover.md", import.meta.url));
	const { steps } = parseText(source);
	const group = unitsOf(steps).find((unit) => unit.name === "failover");
	expect(group?.steps).toEqual(["hold-writes", "caught-up", "fail-over", "new-master", "fence", "release"]);
	const hold = steps.find((s) => s.name === "hold-writes");
	expect(hold?.recheck).toEqual([
		"who-is-master",
		"replicas-in-sync",
		"enough-replicas",
		"sentinel-quorum",
		"no-failover-running",
	]);
	expect(hold?.finally).toMatchObject([
		{ when: expect.stringContaining("saysRole == 'replica'"), run: "CLIENT UNPAUSE" },
	]);
});
