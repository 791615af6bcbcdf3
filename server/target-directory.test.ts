import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { targetKinds } from "../targets/index.ts";
import { TargetDirectory } from "./target-directory.ts";

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "runledger-directory-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function labOnPort(port: number): void {
	mkdirSync(join(folder, "labs", "orders"), { recursive: true });
	const target = { kind: "redis", environment: "lab", endpoints: [`127.0.0.1:${port}`] };
	writeFileSync(join(folder, "labs", "orders", "targets.yaml"), JSON.stringify({ targets: { orders: target } }));
}

it("a lab that comes, moves or goes is told once, when it is read", () => {
	const directory = new TargetDirectory({
		configured: [],
		dataFolder: folder,
		kinds: targetKinds,
		monoMs: () => performance.now(),
		told: (problem) => {
			throw new Error(problem.detail);
		},
	});
	const told: number[] = [];
	directory.follow(() => told.push(directory.all().length));
	directory.refresh();
	expect(told).toEqual([]);
	labOnPort(7001);
	directory.refresh();
	directory.refresh();
	expect(told).toEqual([1]);
	labOnPort(7002);
	directory.refresh();
	expect(told).toEqual([1, 1]);
	rmSync(join(folder, "labs"), { recursive: true });
	directory.refresh();
	expect(told).toEqual([1, 1, 0]);
});
