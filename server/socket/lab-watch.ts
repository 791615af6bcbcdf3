import type { LabStatus } from "../../core/lab.ts";
import type { LabPort } from "./lab-port.ts";

/** While somebody looks, labs are read this often, in milliseconds. */
const everyMs = 1_000;

/** Tells the pages that watch labs how they stand; reads nothing while nobody looks. */
export class LabWatch {
	readonly #labs: LabPort;
	readonly #push: (labs: LabStatus[]) => void;
	#watchers = 0;
	#timer: NodeJS.Timeout | null = null;
	#reading: Promise<void> | null = null;
	#again = false;

	constructor(labs: LabPort, push: (labs: LabStatus[]) => void) {
		this.#labs = labs;
		this.#push = push;
	}

	/** Somebody begins to look; gives what ends it. */
	begin(): () => void {
		this.#watchers++;
		this.#timer ??= setInterval(() => void this.tell(), everyMs).unref();
		let isOver = false;
		return () => {
			if (isOver) return;
			isOver = true;
			this.#watchers--;
			if (this.#watchers === 0) this.close();
		};
	}

	/** Reads and tells now; a reading that is under way is followed by one more. */
	async tell(): Promise<void> {
		if (this.#watchers === 0) return;
		if (this.#reading) {
			this.#again = true;
			return this.#reading;
		}
		this.#reading = this.#read();
		await this.#reading;
		this.#reading = null;
		if (this.#again) {
			this.#again = false;
			await this.tell();
		}
	}

	close(): void {
		if (this.#timer) clearInterval(this.#timer);
		this.#timer = null;
	}

	async #read(): Promise<void> {
		try {
			this.#push(await this.#labs.list());
		} catch {
			// A lab that goes down while it is read is told the next time.
		}
	}
}
