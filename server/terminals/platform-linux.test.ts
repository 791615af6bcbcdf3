import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { runMarker } from "./platform.ts";
import { linuxPlatform } from "./platform-linux.ts";

let child: ChildProcess | null = null;

afterEach(() => {
	child?.kill("SIGKILL");
	child = null;
});

async function start(script: string): Promise<number> {
	child = spawn("/usr/bin/env", ["-i", "/bin/bash", "-c", script], { stdio: ["ignore", "pipe", "ignore"], env: {} });
	await once(child.stdout!, "data");
	return child.pid!;
}

describe.runIf(process.platform === "linux")("the processes that began after another", () => {
	it("are told with their run, also one that is just becoming another program", async () => {
		// An exec leaves a process without an environment for a moment; here for a longer one.
		const pid = await start(`echo; sleep 0.04; ${runMarker}=ours exec /bin/sleep 60`);
		const found = (await linuxPlatform.processes(pid - 1)).find((process) => process.pid === pid);
		expect(found).toMatchObject({ name: "sleep", run: "ours" });
	});

	it("are told without a run where they have no environment and get none", async () => {
		const pid = await start("echo; exec /bin/sleep 60");
		const found = (await linuxPlatform.processes(pid - 1)).find((process) => process.pid === pid);
		expect(found).toMatchObject({ run: null });
	});
});
