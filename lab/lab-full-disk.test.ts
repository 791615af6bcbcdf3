import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { labDown, labUp } from "./lab-client.ts";
import { labFolder, labMarker } from "./lab-folder.ts";
import { processPlatform } from "./process-platform.ts";

const home = mkdtempSync(join(tmpdir(), "runledger-lab-full-"));
const mount = (size: string) => spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", home]).status === 0;
const unmount = () => spawnSync("umount", [home]);
const canMount = mount("1m");
if (canMount) unmount();
else console.warn("Skipped: only root can mount a small disk to fill.");

afterEach(async () => {
	await labDown({ home, name: "full" }).catch(() => {});
	if (canMount) unmount();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

it.runIf(canMount).each(["4k", "40k"])(
	"a lab that a disk of %s has no room for says so and leaves nothing",
	{
		timeout: 60_000,
	},
	async (size) => {
		mount(size);
		const started = labUp({
			home,
			name: "full",
			kind: "redis-sentinel",
			path: process.env.PATH ?? "",
			now: new Date(),
		});
		await expect(started).rejects.toMatchObject({ problem: { code: "lab-start-failed" } });
		expect(readdirSync(home)).toEqual([]);
		expect(processPlatform.withEnvironment(labMarker, labFolder(home, "full").id)).toEqual([]);
	},
);
