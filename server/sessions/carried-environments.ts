import type { CarriedEnvironment } from "../../steps/step-executor.ts";

/** Directory and exported variables that shell steps leave, by session and node. They live as long as the process. */
export class CarriedEnvironments {
	readonly #by = new Map<string, { cwd: string | null; variables: Map<string, string> }>();

	of(session: string, node: string): CarriedEnvironment {
		return this.#by.get(`${session} ${node}`) ?? { cwd: null, variables: new Map() };
	}

	apply(session: string, node: string, change: { cwd: string; set: Record<string, string>; unset: string[] }): void {
		const variables = new Map(this.of(session, node).variables);
		for (const name of change.unset) variables.delete(name);
		for (const [name, value] of Object.entries(change.set)) variables.set(name, value);
		this.#by.set(`${session} ${node}`, { cwd: change.cwd, variables });
	}

	/** Lets a value that a person has just set count again, on every node of the session. */
	drop(session: string, variable: string): void {
		for (const [key, { variables }] of this.#by) if (key.startsWith(`${session} `)) variables.delete(variable);
	}

	forget(session: string): void {
		for (const key of this.#by.keys()) if (key.startsWith(`${session} `)) this.#by.delete(key);
	}
}
