import type { IncomingMessage } from "node:http";
import { ProblemError } from "../../core/problem.ts";
import type { Caller } from "../sessions/sessions.ts";

/** Who stands behind each request that the gate has let through. */
export class Callers {
	readonly #known = new WeakMap<IncomingMessage, Caller>();

	set(request: IncomingMessage, caller: Caller): void {
		this.#known.set(request, caller);
	}

	find(request: IncomingMessage): Caller | null {
		return this.#known.get(request) ?? null;
	}

	/** Throws `not-signed-in` when there is nobody: a second lock behind the gate. */
	of(request: IncomingMessage): Caller {
		const caller = this.#known.get(request);
		if (!caller) throw new ProblemError("not-signed-in");
		return caller;
	}
}
