import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { labDown, labStatus, labUp } from "./lab-client.ts";
import { labFolder } from "./lab-folder.ts";
import { processPlatform } from "./process-platform.ts";
import { claimFile, claimStart } from "./start-claim.ts";

let home: string;
const lab = () => ({ home, name: "twice" });
const up = () => labUp({ ...lab(), kind: "redis-sentinel", path: process.env.PATH ?? "", now: new Date() });

beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "runledger-claim-"));
});

afterEach(async () => {
	await labDown(lab()).catch(() => {});
	rmSync(home, { recursive: true, force: true });
});

it("of two starts of one name at once, one lab is up and whole, and the other start is told so", {
	timeout: 60_000,
}, async () => {
	const [first, second] = await Promise.allSettled([up(), up()]);
	const outcomes = [first, second].map((one) => (one.status === "fulfilled" ? "up" : one.reason.problem.code));
	expect(outcomes.sort()).toEqual(["lab-exists", "up"]);
	expect((await labStatus(lab())).nodes.every((node) => node.state === "up")).toBe(true);
	await labDown(lab());
	expect(readdirSync(home)).toEqual([]);
});

it("a claim whose holder was killed is taken over, one whose holder lives is not", async () => {
	const folder = labFolder(home, "twice");
	const holder = spawn("sleep", ["60"], { stdio: "ignore" });
	await once(holder, "spawn");
	const startTime = processPlatform.startTime(holder.pid as number);
	writeFileSync(claimFile(folder), `${holder.pid} ${startTime}`);
	expect(() => claimStart(folder)).toThrow(/being started/);
	holder.kill("SIGKILL");
	await once(holder, "exit");
	const release = claimStart(folder);
	expect(() => claimStart(folder)).toThrow(/being started/);
	release();
	expect(existsSync(claimFile(folder))).toBe(false);
});

it("a claim that a full disk has left empty is nobody's", () => {
	const folder = labFolder(home, "twice");
	writeFileSync(claimFile(folder), "");
	claimStart(folder)();
	expect(readdirSync(home)).toEqual([]);
});

it("a folder that is not a lab's is neither started over nor taken down", async () => {
	const file = join(home, "twice", "notes.txt");
	mkdirSync(join(home, "twice"));
	writeFileSync(file, "mine");
	await expect(up()).rejects.toThrow("is not a lab's");
	await expect(labDown(lab())).rejects.toThrow("There is no lab");
	expect(existsSync(file)).toBe(true);
});
