/** The variable that marks every process of a run, so that what has left its group is still found. */
export const runMarker = "RUNLEDGER_RUN";

/** A process that runs now. */
export interface FoundProcess {
	pid: number;
	/** The process that it is a child of now: another one once that has ended. */
	parent: number;
	/** When it began, as the system tells it: with the pid it means one process for ever. */
	began: string;
	/** The name of its program, as the system shortens it. */
	name: string;
	/** Its process group. */
	group: number;
	/** Its session: the pid of the leader that began it. */
	session: number;
	/** The run whose marker is in its environment. */
	run: string | null;
}

/** A command line that makes `file` the leader of a new session, its standard input the controlling terminal. */
export interface LeaderCommand {
	file: string;
	args: string[];
	/** Whether the spawn itself must begin the session (setsid). */
	detached: boolean;
}

/** What only the operating system can do. One file each; the rest of the room is the same everywhere. */
export interface TerminalPlatform {
	/** The process keeps the pid of what is spawned. */
	leader(file: string, args: readonly string[]): LeaderCommand;
	/**
	 * Every process whose environment may be read; zombies and this process are left out. `after`: at least those that began
	 * after the process of this pid did, and one that is just becoming another program is waited for.
	 */
	processes(after?: number): Promise<FoundProcess[]>;
}
