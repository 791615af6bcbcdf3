import type { CarriedEnvironment } from "../../steps/step-executor.ts";

/** What a shell step changed, when it succeeded. */
export interface EnvironmentChange {
	cwd: string;
	set: Record<string, string>;
	unset: string[];
}

type Environment = { cwd: string | null; variables: Map<string, string> };

/** An environment after a step's change; the one before stays as it is. */
export function changedEnvironment(before: CarriedEnvironment, { cwd, set, unset }: EnvironmentChange): Environment {
	const variables = new Map(before.variables);
	for (const name of unset) variables.delete(name);
	for (const [name, value] of Object.entries(set)) variables.set(name, value);
	return { cwd, variables };
}

/** Directory and exported variables that shell steps leave, by session and node. They live as long as the process. */
export class CarriedEnvironments {
	readonly #by = new Map<string, Environment>();

	of(session: string, node: string): CarriedEnvironment {
		return this.#by.get(`${session} ${node}`) ?? { cwd: null, variables: new Map() };
	}

	apply(session: string, node: string, change: EnvironmentChange): void {
		this.#by.set(`${session} ${node}`, changedEnvironment(this.of(session, node), change));
	}

	/** Lets a value that a person has just set count again, on every node of the session. */
	drop(session: string, variable: string): void {
		for (const [key, { variables }] of this.#by) if (key.startsWith(`${session} `)) variables.delete(variable);
	}

	forget(session: string): void {
		for (const key of this.#by.keys()) if (key.startsWith(`${session} `)) this.#by.delete(key);
	}
}
