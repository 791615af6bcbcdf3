import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { labDown, labHeal, labList, labStatus, labUp } from "./lab-client.ts";
import { labFolder, labMarker } from "./lab-folder.ts";
import { processPlatform } from "./process-platform.ts";

const patience = { timeout: 60_000 };
let home: string;
const lab = (name: string) => ({ home, name });
const up = (name: string) =>
	labUp({ ...lab(name), kind: "redis-sentinel", path: process.env.PATH ?? "", now: new Date() });
const marked = (name: string) => processPlatform.withEnvironment(labMarker, labFolder(home, name).id);

async function supervisorOf(name: string): Promise<number> {
	const nodes = (await labStatus(lab(name))).nodes.map((node) => node.pid);
	const pid = marked(name).find((one) => !nodes.includes(one));
	if (pid === undefined) throw new Error(`${name} has no supervisor`);
	return pid;
}

beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "runledger-silent-"));
});

afterEach(async () => {
	for (const name of readdirSync(home)) await labDown(lab(name)).catch(() => {});
	rmSync(home, { recursive: true, force: true });
});

it("a lab whose supervisor hangs is named, the others are shown and mended, and down ends all that it started", async () => {
	await Promise.all([up("well"), up("hung")]);
	process.kill(await supervisorOf("hung"), "SIGSTOP");
	const list = await labList(home);
	expect(list.map(({ name, state, isSilent }) => [name, state, isSilent])).toEqual([
		["hung", "failed", true],
		["well", "up", undefined],
	]);
	expect(list[0]?.detail).toContain("does not answer");
	await expect(labHeal(lab("hung"))).rejects.toMatchObject({ problem: { code: "lab-silent" } });
	expect(await labHeal(lab("well"))).toEqual([]);
	await expect(up("hung")).rejects.toMatchObject({ problem: { code: "lab-exists" } });

	expect(marked("hung")).toHaveLength(7);
	await labDown(lab("hung"));
	expect(marked("hung")).toEqual([]);
	expect(readdirSync(home)).toEqual(["well"]);
	expect((await labStatus(lab("well"))).state).toBe("up");
}, 180_000);

it("a lab without its lab.json is still a lab's, to whoever lists it, starts it again or takes it down", async () => {
	await up("lost");
	process.kill(await supervisorOf("lost"), "SIGKILL");
	await expect.poll(() => marked("lost"), patience).toEqual([]);
	rmSync(labFolder(home, "lost").file);
	expect(await labList(home)).toMatchObject([{ name: "lost", state: "down" }]);
	await labDown(lab("lost"));
	expect(readdirSync(home)).toEqual([]);
}, 120_000);

it("a folder that is not a lab's is not listed, and neither taken down nor taken over", async () => {
	mkdirSync(join(home, "mine"));
	writeFileSync(join(home, "mine", "letter.txt"), "dear");
	// Another lab's mark proves nothing.
	writeFileSync(labFolder(home, "mine").mark, `${labFolder(home, "other").id}\n`);
	expect(await labList(home)).toEqual([]);
	const notALabs = { detail: expect.stringContaining("is not a lab's"), next: expect.stringMatching(/move what/i) };
	await expect(labStatus(lab("mine"))).rejects.toMatchObject({ problem: { code: "lab-unknown", ...notALabs } });
	await expect(labDown(lab("mine"))).rejects.toMatchObject({ problem: { code: "lab-unknown", ...notALabs } });
	await expect(up("mine")).rejects.toMatchObject({ problem: { code: "lab-exists", ...notALabs } });
	expect(existsSync(join(home, "mine", "letter.txt"))).toBe(true);
});
