import type { LabEvent, LabStatus } from "../core/lab.ts";
import type { LabPush } from "./lab-protocol.ts";

const keptEvents = 200;

/** What happens in a lab: the last events, and everyone who follows them and the status. */
export class LabFeed {
	readonly #now: () => Date;
	readonly #status: () => LabStatus;
	readonly #listeners = new Set<(push: LabPush) => void>();
	readonly #events: LabEvent[] = [];
	#ticking: NodeJS.Timeout | null = null;

	constructor(now: () => Date, status: () => LabStatus) {
		this.#now = now;
		this.#status = status;
	}

	/** The last events, oldest first. */
	get events(): LabEvent[] {
		return [...this.#events];
	}

	/** Calls back with every event, and with the status whenever it changed; returns the way to stop. */
	follow(listener: (push: LabPush) => void): () => void {
		this.#listeners.add(listener);
		this.#ticking ??= setInterval(() => this.pushStatus(), 1_000);
		return () => {
			this.#listeners.delete(listener);
			if (this.#listeners.size > 0 || !this.#ticking) return;
			clearInterval(this.#ticking);
			this.#ticking = null;
		};
	}

	/** Notes an event of this moment, and tells it. */
	note(type: string, text: string, node?: string): void {
		this.tell({ at: this.#now().toISOString(), type, text, ...(node !== undefined && { node }) });
	}

	/** Tells an event, and the status after it. */
	tell(event: LabEvent): void {
		this.#events.push(event);
		if (this.#events.length > keptEvents) this.#events.shift();
		this.#push({ event });
		this.pushStatus();
	}

	pushStatus(): void {
		this.#push({ status: this.#status() });
	}

	#push(push: LabPush): void {
		for (const listener of this.#listeners) listener(push);
	}
}
