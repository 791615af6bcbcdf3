import { targetKinds } from "../../targets/index.ts";
import type { Configuration } from "../config.ts";
import type { Desk } from "../control/desk.ts";
import type { Surroundings } from "../engine.ts";
import { processLabs } from "../process-labs.ts";
import { TargetDirectory } from "../target-directory.ts";

/** The labs of a data folder on which no server runs. */
export function directLabs(configuration: Configuration, around: Surroundings): Desk["labs"] {
	const directory = new TargetDirectory({
		configured: configuration.targets,
		dataFolder: configuration.dataFolder,
		kinds: targetKinds,
		monoMs: () => performance.now(),
		told: (told) => around.log.warn({ problem: told }, "lab"),
	});
	const labs = processLabs({
		dataFolder: configuration.dataFolder,
		path: around.env.PATH ?? "",
		now: () => new Date(),
		refuseName: (name) => directory.refuseLabName(name),
	});
	return {
		...labs,
		async up(kind, name, options) {
			await labs.up(kind, name, options);
			const status = (await labs.list()).find((lab) => lab.name === name);
			if (!status) throw new Error(`the lab ${name} is gone again`);
			return status;
		},
	};
}
