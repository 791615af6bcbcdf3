import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node-pty";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cliCommand, startCli } from "../../test/support/cli-process.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cli-tty-"));
	const step = (name: string, risk: string) => `\`\`\`sh ${JSON.stringify({ name, risk })}\necho ${name}\n\`\`\`\n`;
	writeFileSync(join(folder, "asks.md"), `# Asks\n\n${step("change", "change")}\n${step("drop", "destructive")}`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the runbook on a terminal; each answer is typed when its question stands there. */
async function answer(...answers: [question: string, typed: string][]): Promise<{ code: number; session: unknown }> {
	const [file = "", ...args] = cliCommand;
	const pty = spawn(file, [...args, "run", "asks.md", "--data", "data"], { cwd: folder, cols: 200 });
	let said = "";
	pty.onData((text) => {
		said += text;
		const [question, typed] = answers[0] ?? [];
		if (question === undefined || typed === undefined || !said.includes(question)) return;
		answers.shift();
		said = "";
		pty.write(typed);
	});
	const code = await new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
	const { out } = await startCli(["sessions", "--json", "--data", "data"], folder).ended;
	return { code, session: JSON.parse(out) };
}

test("a person is asked before a change, and types the target's name before something is destroyed", async () => {
	const { code, session } = await answer(["[y/N]", "y\r"], ["to run it: ", "local\r"]);
	expect(session).toMatchObject({ done: 2, outcome: "resolved" });
	expect(code).toBe(0);
}, 60_000);

test("a no, and another name than the target's, run nothing", async () => {
	expect(await answer(["[y/N]", "n\r"])).toMatchObject({ code: 2, session: { done: 0, outcome: "failed" } });
	rmSync(join(folder, "data"), { recursive: true });
	expect(await answer(["[y/N]", "y\r"], ["to run it: ", "loca\r"])).toMatchObject({
		code: 2,
		session: { done: 1, outcome: "failed" },
	});
}, 60_000);

test("Ctrl+C at the question cancels, and the record says so", async () => {
	expect(await answer(["[y/N]", "\x03"])).toMatchObject({ code: 1, session: { done: 0, outcome: "abandoned" } });
}, 60_000);
