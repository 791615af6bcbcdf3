import type { ASTNode } from "@marcbachmann/cel-js";
import type { ExpressionWork } from "./expression-work.ts";

type Call = (...given: unknown[]) => unknown;

/** A node as the library keeps it: it sets `handle` when it has checked the types, and `evaluate` when it first runs. */
interface Metered {
	op: string;
	args: unknown;
	evaluate: Call;
	handle?: Call;
}

/** In units of work; to look at one node of the tree, and to make a date in a time zone. */
const nodeWork = 25;
const timeZoneWork = 20_000;
/** A duration of more characters is none; the library would take the cube of its length to say so. */
const maxDuration = 100;

const binary = new Set("!= == in + - * / % < <= > >= [] [?]".split(" "));

/**
 * Makes a node account for what it does. The library can't be told to: its own functions and operators can't be replaced by
 * registering others, so the two places through which each node goes are wrapped. `work`: of the evaluation that runs.
 */
export function meter(node: ASTNode, work: () => ExpressionWork): void {
	const metered = node as unknown as Metered;
	const { op } = metered;
	const made = (op === "list" || op === "map") && Array.isArray(metered.args) ? metered.args.length : 0;
	wrap(metered, "evaluate", (inner, given) => {
		work().spend(nodeWork + made);
		if (made > 0) work().makeList(made);
		else if (op === "accuPush") work().makeList(1);
		return inner.apply(metered, given);
	});
	if (binary.has(op)) {
		wrap(metered, "handle", (inner, given) => {
			beforeOperator(op, given[0], given[1], work());
			return inner.apply(metered, given);
		});
	} else if (op === "call" || op === "rcall") {
		const name = String((metered.args as unknown[])[0]);
		wrap(metered, "handle", (inner, given) => {
			const values = given[0] as unknown[];
			beforeCall(name, values, work());
			const result = inner.apply(metered, given);
			// What `join` makes has been counted before it was made.
			if (typeof result === "string" && result !== values[0] && name !== "join") work().makeText(result.length);
			else if (Array.isArray(result) && result !== values[0]) work().makeList(result.length);
			return result;
		});
	}
}

function wrap(node: Metered, key: "evaluate" | "handle", around: (inner: Call, given: unknown[]) => unknown): void {
	let inner = node[key];
	const call: Call = (...given) => around(inner as Call, given);
	Object.defineProperty(node, key, {
		get: () => (inner === undefined ? undefined : call),
		set: (next: Call) => {
			inner = next;
		},
	});
}

function beforeOperator(op: string, left: unknown, right: unknown, work: ExpressionWork): void {
	if (op === "+") {
		if (typeof left === "string" && typeof right === "string") work.makeText(left.length + right.length);
		else if (Array.isArray(left) && Array.isArray(right)) work.makeList(left.length + right.length);
		else if (left instanceof Uint8Array && right instanceof Uint8Array) work.makeText(left.length + right.length);
	} else if (op === "==" || op === "!=") {
		// What is no collection is unequal to one at a glance.
		if (typeof left !== "object" || typeof right !== "object") work.spend(lengthOf(left) / 16);
		else if (left !== right && left !== null && right !== null) {
			work.lookThrough(left);
			work.lookThrough(right);
		}
	} else if (op === "in" && Array.isArray(right)) work.lookThrough(right);
	else work.spend((lengthOf(right) + (op === "in" ? lengthOf(left) : 0)) / 16);
}

function beforeCall(name: string, values: readonly unknown[], work: ExpressionWork): void {
	const [first, second] = values.map(lengthOf) as [number, number | undefined];
	switch (name) {
		case "counted":
		case "matchesLinear":
		case "substring":
			return;
		case "startsWith":
		case "endsWith":
			// The engine compares these one character after the other.
			work.spend(second ?? 0);
			return;
		case "contains":
		case "indexOf":
			// The engine's search may look at a place again for every few hundred characters that are looked for.
			work.spend(first / 4 + (first * (second ?? 0)) / 1_000);
			return;
		case "lastIndexOf":
			work.spend(first / 4 + (first * (second ?? 0)) / 5);
			return;
		case "split":
			if (values[1] === "") work.makeList(first);
			work.spend(first + (first * (second ?? 0)) / 1_000);
			return;
		case "join": {
			const list = Array.isArray(values[0]) ? values[0] : [];
			work.spend(list.length);
			let characters = list.length * (second ?? 0);
			for (const item of list) characters += lengthOf(item);
			work.makeText(characters);
			return;
		}
		case "duration":
			if (first > maxDuration) throw new Error("a duration is not as long as this text");
			return;
		default:
			// Bytes are written out in up to four characters each.
			if (values[0] instanceof Uint8Array) work.makeText(first * 4);
			if (/^get[A-Z]/.test(name) && second !== undefined) work.spend(timeZoneWork);
			work.spend(2 * (first + (second ?? 0)));
	}
}

function lengthOf(value: unknown): number {
	return typeof value === "string" || value instanceof Uint8Array ? value.length : 0;
}
