import { join } from "node:path";
import {
	labDown,
	labExtend,
	labFault,
	labHeal,
	labKinds,
	labList,
	labLogs,
	labProbeStart,
	labProbeStop,
	labReset,
	labUp,
} from "../lab/lab-client.ts";
import type { LabPort } from "./socket/lab-port.ts";

/** The labs of a data folder, through their supervisors. `path` is the variable PATH. */
export function processLabs(parts: {
	dataFolder: string;
	path: string;
	now(): Date;
	refuseName(name: string): void;
}): LabPort {
	const home = join(parts.dataFolder, "labs");
	const { path } = parts;
	return {
		kinds: async () => labKinds(path),
		list: () => labList(home),
		async up(kind, name, options = {}) {
			parts.refuseName(name);
			await labUp({ home, name, kind, options, path, now: parts.now() });
		},
		down: (name) => labDown({ home, name }),
		async reset(name) {
			await labReset({ home, name });
		},
		async fault(name, fault, node, seconds) {
			const { healsAt } = await labFault({
				home,
				name,
				kind: fault,
				node,
				...(seconds === undefined ? {} : { seconds }),
			});
			return healsAt;
		},
		async extend(name, node, seconds) {
			const { healsAt } = await labExtend({ home, name, node, seconds });
			return healsAt;
		},
		heal: (name, node) => labHeal({ home, name, ...(node === undefined ? {} : { node }) }),
		async probe(name, kind, on) {
			if (on) await labProbeStart({ home, name, kind });
			else await labProbeStop({ home, name, kind });
		},
		logs: (name, node, lines) => labLogs({ home, name, node, lines }),
	};
}
