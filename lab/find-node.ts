import { isProblem, ProblemError } from "../core/problem.ts";
import { parseTargetReference, resolveTarget, type Topology } from "../core/target.ts";
import type { NodeProcess } from "./node-process.ts";

/** Where a lab's node is looked up. */
interface NodesOfLab {
	lab: string;
	nodes: ReadonlyMap<string, NodeProcess>;
	/** The role that a reference without one means. */
	defaultRole: string | undefined;
	/** Reads who has which role now; null while there is no cluster yet. */
	readTopology: (() => Promise<Topology>) | null;
}

/**
 * A node by its name, its address, its process, or a reference such as `orders.master`. Throws `lab-node-unknown`, and
 * `lab-not-ours` for the number of a process that the lab did not start.
 */
export async function findNode(
	written: string,
	{ lab, nodes, defaultRole, readTopology }: NodesOfLab,
): Promise<NodeProcess> {
	const named = nodes.get(written);
	if (named) return named;
	for (const node of nodes.values()) {
		if (node.node.address === written || String(node.pid) === written) return node;
	}
	if (/^\d+$/.test(written)) {
		throw new ProblemError("lab-not-ours", `Process ${written} is not one that lab ${lab} started.`);
	}
	const unknown = () =>
		new ProblemError("lab-node-unknown", `Lab ${lab} has no node \`${written}\` now.`, {
			next: `Its nodes are ${[...nodes.keys()].join(", ")}; roles are written ${lab}.master.`,
		});
	const reference = parseTargetReference(written.includes(".") ? written : `${lab}.${written}`);
	if (isProblem(reference) || reference.cluster !== lab || !readTopology) throw unknown();
	const resolved = resolveTarget(await readTopology(), reference, defaultRole);
	if (isProblem(resolved)) {
		if (resolved.code === "target-role-vacant") throw unknown();
		throw ProblemError.of(resolved);
	}
	const node = [...nodes.values()].find((n) => n.node.address === resolved.address);
	if (!node) throw unknown();
	return node;
}
