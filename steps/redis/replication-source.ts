import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { PlanCommand } from "../../core/plan.ts";
import { ProblemError } from "../../core/problem.ts";
import type { ExpressionScope } from "../step-executor.ts";
import { commandWord } from "./transaction.ts";

/**
 * Refuses a REPLICAOF whose address came from a capture and is no member of the cluster as one pair (host and port may each be
 * a member's and together nobody's), or is the node itself: either would make a master follow nothing and lose its data later.
 * Throws `check-failed`.
 */
export function refuseWrongSource(command: PlanCommand, scope: ExpressionScope): void {
	const word = commandWord(command.argv);
	if (word !== "REPLICAOF" && word !== "SLAVEOF") return;
	const [, host = "", port = ""] = command.argv ?? [];
	const source = `${host}:${port}`;
	if (source === command.node.address) {
		throw new ProblemError("check-failed", `\`${command.text}\` would make ${command.node.name} follow itself.`, {
			next: "Look at what the earlier step captured: the master may not have moved.",
		});
	}
	const members = membersOf(scope.before);
	if (members.length > 0 && !members.includes(source)) {
		throw new ProblemError("check-failed", `${source} is no member of ${command.node.cluster}.`, {
			next: `Its members are ${members.join(", ")}.`,
		});
	}
}

function membersOf(before: JsonValue | undefined): string[] {
	if (typeof before !== "object" || before === null || Array.isArray(before)) return [];
	const members = before.members;
	if (!Array.isArray(members)) return [];
	return members.map((member) => String((member as JsonObject).address));
}
