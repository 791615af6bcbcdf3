import { foldName } from "../../core/variable-name.ts";
import type { CarriedEnvironment } from "../../steps/step-executor.ts";

/** What a shell step changed, when it succeeded. */
export interface EnvironmentChange {
	/** Who changed it, and where that step had begun. */
	step: string;
	from: string;
	cwd: string;
	set: Record<string, string>;
	unset: string[];
}

type Environment = Omit<CarriedEnvironment, "variables"> & { variables: Map<string, string> };

/** An environment after a step's change; the one before stays as it is. */
export function changedEnvironment(before: CarriedEnvironment, change: EnvironmentChange): Environment {
	const { step, from, cwd, set, unset } = change;
	const variables = new Map(before.variables);
	for (const name of unset) variables.delete(name);
	for (const [name, value] of Object.entries(set)) variables.set(name, value);
	return { cwd, ledBy: cwd === before.cwd ? before.ledBy : { step, from }, variables };
}

/**
 * What Linux starts a program with (execve(2), measured on 6.18): one string of the environment, `NAME=value` and its NUL, has at
 * most 128 KiB (MAX_ARG_STRLEN); all of them and the arguments, with a pointer each, a quarter of the stack's limit, which is
 * 2 MiB where that is the usual 8 MiB. macOS takes 1 MiB in all. Half of that is left for arguments, and for what a script adds.
 */
const longestString = 128 * 1024;
const mostBytes = 512 * 1024;
const pointerBytes = 8;

/**
 * A change without what would keep the next program from starting: each variable that is too long, and of too much in all the
 * largest. What was carried under such a name before is older, so it goes too. Gives these names.
 */
export function withinBounds(
	before: CarriedEnvironment,
	change: EnvironmentChange,
): { change: EnvironmentChange; left: string[] } {
	const sizes = [...changedEnvironment(before, change).variables]
		.map(([name, value]) => ({ name, bytes: Buffer.byteLength(name) + Buffer.byteLength(value) + 2 }))
		.sort((a, b) => b.bytes - a.bytes);
	let total = sizes.reduce((sum, { bytes }) => sum + bytes + pointerBytes, 0);
	const left: string[] = [];
	for (const { name, bytes } of sizes) {
		if (bytes <= longestString && total <= mostBytes) break;
		left.push(name);
		total -= bytes + pointerBytes;
	}
	const set = Object.fromEntries(Object.entries(change.set).filter(([name]) => !left.includes(name)));
	return { change: { ...change, set, unset: [...change.unset, ...left] }, left };
}

/** An environment without what was exported under any spelling of these values' names: they have a newer word. */
export function withoutSpellings({ variables, ...rest }: CarriedEnvironment, values: Iterable<string>): Environment {
	const newer = new Set([...values].map(foldName));
	return { ...rest, variables: new Map([...variables].filter(([name]) => !newer.has(foldName(name)))) };
}

/** Directory and exported variables that shell steps leave, by session and node. They live as long as the process. */
export class CarriedEnvironments {
	readonly #by = new Map<string, Environment>();

	of(session: string, node: string): CarriedEnvironment {
		return this.#by.get(`${session} ${node}`) ?? { cwd: null, ledBy: null, variables: new Map() };
	}

	apply(session: string, node: string, change: EnvironmentChange): void {
		this.#by.set(`${session} ${node}`, changedEnvironment(this.of(session, node), change));
	}

	/** Lets values that a person has just set, or a step captured, count again, on every node of the session. */
	drop(session: string, values: readonly string[]): void {
		for (const [key, environment] of this.#by) {
			if (key.startsWith(`${session} `)) this.#by.set(key, withoutSpellings(environment, values));
		}
	}

	forget(session: string): void {
		for (const key of this.#by.keys()) if (key.startsWith(`${session} `)) this.#by.delete(key);
	}
}
