import type { Plan, PlanCommand, StepPlan } from "../../../core/plan.ts";

/** One line of two plans put beside each other. */
export interface PlanLine {
	kind: "same" | "gone" | "new";
	node: string;
	address: string;
	text: string;
}

/** The commands of a step in the order in which they stand in the plan, `finally` last. */
export function planCommands(step: Pick<StepPlan, "commands" | "finally">): PlanCommand[] {
	return [...step.commands, ...step.finally.map((f) => f.command)];
}

/** What changed between the plan that was shown and the one of now, command by command: node, address, identity and text count. */
export function planChanges(shown: Pick<Plan, "steps">, now: Pick<Plan, "steps">): PlanLine[] {
	const before = shown.steps.flatMap(planCommands);
	const after = now.steps.flatMap(planCommands);
	const key = (c: PlanCommand) => `${c.node.address}\n${c.node.id ?? ""}\n${c.text}`;
	const a = before.map(key);
	const b = after.map(key);
	// Longest common subsequence; plans are short.
	const longest: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
	for (let i = a.length - 1; i >= 0; i--) {
		for (let j = b.length - 1; j >= 0; j--) {
			const row = longest[i] as number[];
			const below = longest[i + 1] as number[];
			row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
		}
	}
	const lines: PlanLine[] = [];
	const line = (kind: PlanLine["kind"], { node, text }: PlanCommand) =>
		lines.push({ kind, node: node.name, address: node.address, text });
	let i = 0;
	let j = 0;
	while (i < a.length || j < b.length) {
		const gone = before[i];
		const came = after[j];
		if (gone && came && a[i] === b[j]) {
			line("same", came);
			i += 1;
			j += 1;
		} else if (gone && (!came || (longest[i + 1]?.[j] ?? 0) >= (longest[i]?.[j + 1] ?? 0))) {
			line("gone", gone);
			i += 1;
		} else if (came) {
			line("new", came);
			j += 1;
		}
	}
	return lines;
}

/** The references that lead to another node now, each once: `orders.master: cache-1 → cache-2`. */
export function movedReferences(shown: Pick<Plan, "steps">, now: Pick<Plan, "steps">): string[] {
	const before = new Map(shown.steps.flatMap(planCommands).map(({ reference, node }) => [reference, node.name]));
	const moves = now.steps.flatMap(planCommands).flatMap(({ reference, node }) => {
		const was = before.get(reference);
		return was === undefined || was === node.name ? [] : [`${reference}: ${was} → ${node.name}`];
	});
	return [...new Set(moves)];
}

/** What else moved when every command is the same: a variable, the directory, a check. */
export function otherChanges(shown: Plan, now: Plan): string[] {
	const changes: string[] = [];
	for (const [i, step] of now.steps.entries()) {
		const was = shown.steps[i];
		if (!was) continue;
		const values = step.variables.filter((v) => was.variables.find((w) => w.name === v.name)?.hmac !== v.hmac);
		if (values.length > 0) changes.push(`${step.step}: the value of ${values.map((v) => v.name).join(", ")}`);
		if (was.cwd !== step.cwd) changes.push(`${step.step}: the working directory is ${step.cwd ?? "the session’s own"}`);
		if (was.risk !== step.risk) changes.push(`${step.step}: its risk is ${step.risk}, was ${was.risk}`);
		if (JSON.stringify(was.expect) !== JSON.stringify(step.expect)) changes.push(`${step.step}: its checks`);
	}
	if (shown.runbook !== now.runbook) changes.push("the runbook’s version");
	return changes;
}
