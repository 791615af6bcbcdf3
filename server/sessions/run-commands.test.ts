import { expect, it, onTestFinished } from "vitest";
import type { PlanCommand } from "../../core/plan.ts";
import { ProblemError } from "../../core/problem.ts";
import { decodeRecording } from "../../core/recording.ts";
import { createFileRecordings } from "../../test/support/file-recordings.ts";
import { openPlainTerminal } from "../../test/support/open-plain-terminal.ts";
import { entriesFromMarks } from "./command-journal.ts";
import { RunCommands } from "./run-commands.ts";
import { UnitScope } from "./run-scope.ts";

const command: PlanCommand = {
	node: {
		cluster: "local",
		environment: "lab",
		kind: "local",
		name: "here",
		address: "here",
		role: "host",
		id: "here",
	},
	reference: "local",
	text: "make it so",
	risk: "change",
};
const monoMs = () => performance.now();

it.each([
	["that was cancelled while it was noted is told as not sent", 0, "not-sent"],
	["that is repeated and was cancelled in between stays done", 1, "done"],
])("a command %s, in the run's end and in its recording", async (_, before, state) => {
	const recordings = await createFileRecordings();
	onTestFinished(() => recordings.remove());
	const terminal = await openPlainTerminal({ run: "r1", recordings });
	const commands = new RunCommands(terminal, new UnitScope(new Map(), [], new Map(), monoMs), monoMs);
	const cancel = new AbortController();
	for (let i = 0; i < before; i++) (await commands.sent(command, cancel.signal)).replied(null);
	const sent = commands.sent(command, cancel.signal);
	cancel.abort(new ProblemError("cancelled"));
	await expect(sent).rejects.toMatchObject({ problem: { code: "cancelled" } });
	expect(commands.entries([command]).map((entry) => entry.state)).toEqual([state]);
	expect(commands.begun).toBe(before > 0);
	await terminal.finish();
	const { events } = decodeRecording(new TextDecoder().decode(await recordings.read("s", "r1")));
	const marks = events.flatMap((event) => (event.kind === "marker" ? [event.label] : []));
	expect(entriesFromMarks(marks, { commands: [command], finally: [] }).map((entry) => entry.state)).toEqual([state]);
});
