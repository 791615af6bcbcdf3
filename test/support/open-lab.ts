import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labDown, labUp } from "../../lab/lab-client.ts";
import { labTargets } from "../../server/config-targets.ts";
import { targetKinds } from "../../targets/index.ts";
import type { Target } from "../../targets/target-kind.ts";

/** A lab of a test's own: a real master, two replicas and three Sentinels. */
export interface TestLab {
	home: string;
	name: string;
	target: Target;
	/** The folder that holds `labs/`. */
	data: string;
	down(): Promise<void>;
}

/** Brings a lab up in a temporary folder; `down` takes it and the folder away. */
export async function openTestLab(name = "orders", options: Record<string, unknown> = {}): Promise<TestLab> {
	const data = await mkdtemp(join(tmpdir(), "runledger-lab-"));
	const home = join(data, "labs");
	await labUp({ home, name, kind: "redis-sentinel", options, path: process.env["PATH"] ?? "", now: new Date() });
	const { targets, problems } = labTargets(data, targetKinds);
	const target = targets[0];
	if (!target) throw new Error(`the lab wrote no target: ${JSON.stringify(problems)}`);
	return {
		home,
		name,
		target,
		data,
		async down() {
			await labDown({ home, name });
			await rm(data, { recursive: true, force: true });
		},
	};
}
