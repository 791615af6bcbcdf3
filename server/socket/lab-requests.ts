import type { RequestName } from "../../core/protocol.ts";
import type { ServerJournal } from "../access/server-journal.ts";
import type { Caller } from "../sessions/sessions.ts";
import type { LabPort } from "./lab-port.ts";
import { type Handlers, rooms } from "./request-context.ts";

export type LabNames = Extract<RequestName, `lab.${string}`>;

/** What the Lab page asks for. Whatever changes a lab is recorded before it is done. */
export function labRequests(parts: {
	labs: LabPort;
	journal: ServerJournal;
	/** Told when labs may have come or gone, or changed. */
	changed(): void;
	/** Told that somebody begins to look, and gives what ends it. */
	watched(): () => void;
}): Handlers<LabNames> {
	const { labs, journal, changed, watched } = parts;

	async function recorded(lab: string, change: string, detail: string, caller: Caller): Promise<void> {
		await journal.append(
			{ type: "lab.changed", data: { lab, change, detail: { content: detail } } },
			caller.identity,
			caller.origin,
		);
	}
	const read = async () => {
		const [kinds, list] = await Promise.all([labs.kinds(), labs.list()]);
		return { kinds, labs: list };
	};

	return {
		"lab.list": read,
		"lab.watch": async (_argument, page) => {
			const stop = watched();
			page.keep("labs", () => {
				page.exit(rooms.labs);
				stop();
			});
			// After what a page that watches already has kept, which leaves the room.
			page.enter(rooms.labs);
			return read();
		},
		"lab.unwatch": (_argument, page) => {
			page.release("labs");
			return {};
		},
		"lab.up": async ({ kind, name }, { caller }) => {
			await recorded(name, "up", kind, caller);
			try {
				await labs.up(kind, name);
			} finally {
				changed();
			}
			return { name };
		},
		"lab.down": async ({ name }, { caller }) => {
			await recorded(name, "down", "", caller);
			try {
				await labs.down(name);
			} finally {
				changed();
			}
			return {};
		},
		"lab.reset": async ({ name }, { caller }) => {
			await recorded(name, "reset", "", caller);
			await labs.reset(name);
			changed();
			return {};
		},
		"lab.fault": async ({ name, fault, node, seconds }, { caller }) => {
			await recorded(name, `fault ${fault}`, node, caller);
			const healsAt = await labs.fault(name, fault, node, seconds);
			changed();
			return { healsAt };
		},
		"lab.extend": async ({ name, node, seconds }, { caller }) => {
			await recorded(name, "fault extended", node, caller);
			const healsAt = await labs.extend(name, node, seconds);
			changed();
			return { healsAt };
		},
		"lab.heal": async ({ name, node }, { caller }) => {
			await recorded(name, "heal", node ?? "", caller);
			await labs.heal(name, node);
			changed();
			return {};
		},
		"lab.probe": async ({ name, kind, on }, { caller }) => {
			await recorded(name, on ? "probe on" : "probe off", kind, caller);
			await labs.probe(name, kind, on);
			changed();
			return {};
		},
		"lab.logs": async ({ name, node, lines }) => ({ lines: await labs.logs(name, node, lines) }),
	};
}
