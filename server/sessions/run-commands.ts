import type { JsonValue } from "../../core/json.ts";
import type { PlanCommand } from "../../core/plan.ts";
import type { CommandReceipt } from "../../steps/step-executor.ts";
import type { RunTerminalHandle } from "../terminals/run-terminal.ts";
import {
	type CommandEntry,
	CommandJournal,
	type CommandMark,
	type CommandPhase,
	formatMark,
} from "./command-journal.ts";
import type { UnitScope } from "./run-scope.ts";

/** The commands of one run as they go out: in memory for `run.finished`, as markers in the recording for a crash. */
export class RunCommands {
	readonly #journal = new CommandJournal();
	readonly #terminal: RunTerminalHandle;
	/** What the unit's expressions see. */
	readonly scope: UnitScope;
	readonly #monoMs: () => number;
	readonly #startMs: number;
	#phase: CommandPhase = "main";
	#begun = false;

	constructor(terminal: RunTerminalHandle, scope: UnitScope, monoMs: () => number) {
		this.#terminal = terminal;
		this.scope = scope;
		this.#monoMs = monoMs;
		this.#startMs = monoMs();
	}

	/** Commands sent until the next call belong to this part of the run. */
	enter(phase: CommandPhase): void {
		this.#phase = phase;
	}

	/** Whether the first of the step's own commands has gone out, or was about to: rechecks and `finally` are none of these. */
	get begun(): boolean {
		return this.#begun;
	}

	/**
	 * The marker is written before the command goes out, and durable first where the command changes something. Throws the
	 * signal's reason when it has been aborted by then: the command stays here, and is told as not sent.
	 */
	async sent(command: PlanCommand, signal: AbortSignal): Promise<CommandReceipt> {
		signal.throwIfAborted();
		const phase = this.#phase;
		const wasBegun = this.#begun;
		if (phase === "main") this.#begun = true;
		const index = this.#journal.sent(phase, command, this.#elapsed());
		await this.#mark({ sent: index, phase, node: command.node.name, text: command.text });
		if (command.risk !== "read") await this.#terminal.sync();
		if (signal.aborted) {
			this.#begun = wasBegun;
			this.#journal.withheld(index);
			await this.#mark({ withheld: index });
			throw signal.reason;
		}
		if (phase === "main") this.scope.commandSent();
		return {
			replied: (_reply: JsonValue) => {
				this.#journal.replied(index, this.#elapsed());
				void this.#mark({ replied: index });
			},
			failed: (message: string) => {
				this.#journal.failed(index, this.#elapsed(), message);
				void this.#mark({ failed: index });
			},
		};
	}

	entries(planned: readonly PlanCommand[]): CommandEntry[] {
		return this.#journal.entries(planned);
	}

	#mark(mark: CommandMark): Promise<void> {
		return this.#terminal.mark(formatMark(mark));
	}

	#elapsed(): number {
		return Math.round(this.#monoMs() - this.#startMs);
	}
}
