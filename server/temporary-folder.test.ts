import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freshTemporaryFolder } from "./temporary-folder.ts";

let parent: string;

beforeEach(() => {
	parent = mkdtempSync(join(tmpdir(), "runledger-test-"));
});

afterEach(() => rmSync(parent, { recursive: true, force: true }));

it("what a killed server left for its steps is gone when the next one begins, and only that of the same data folder", async () => {
	const killed = await freshTemporaryFolder(parent, "/data/one");
	writeFileSync(join(killed, "script"), "export TOKEN=x");
	const other = await freshTemporaryFolder(parent, "/data/two");
	const next = await freshTemporaryFolder(parent, "/data/one");
	expect([killed, other, next].map((folder) => existsSync(folder))).toEqual([false, true, true]);
});
