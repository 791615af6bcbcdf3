import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { openSearchIndex } from "../../server/records/search.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let bench: TestSessions | undefined;
afterEach(async () => {
	await bench?.close();
	bench = undefined;
});

it("leaves a secret nowhere in the record or its search, in colours, written over in the text or encoded", async () => {
	bench = await openTestSessions();
	const secret = "hunter2-hunter2";
	const body = [
		`printf '\\033[1m%s\\033[0m%s\\n' "\${API_TOKEN:0:4}" "\${API_TOKEN:4}"`,
		`printf 'x%s' "$API_TOKEN" | base64`,
	].join("\n");
	const session = await bench.open(
		`---\nparameters:\n  API_TOKEN: { type: secret }\n---\n\n\n${fence("sh", { name: "show", expect: "output == 'x'" }, body)}`,
		{ API_TOKEN: secret },
	);
	const { runs, outcome } = await bench.run(session, "show");
	expect(outcome).toBe("failed");
	const shown = await bench.output(session, runs[0]?.run ?? "");
	expect(shown).toMatch(/^\x1b\[1m\*{8}\x1b\[0m\r\neG\*{8}/);
	const index = openSearchIndex(bench.folder.paths.search);
	await index.catchUp(bench.folder.events, bench.folder.recordings);
	expect(index.search("hunter2")).toEqual([]);
	index.close();
	const record = JSON.stringify(bench.folder.events.read(session)) + shown;
	for (const trace of [secret, "hunt", "er2-hunter2", "h1bnRlcjItaHVudGVyM"]) expect(record).not.toContain(trace);
	expect(record).toContain("********");
});

it("refuses a secret that is too short to be kept out of the output, and says so without it", async () => {
	bench = await openTestSessions();
	const source = `---\nparameters:\n  PIN_TOKEN: { type: secret }\n---\n\n${fence("sh", { name: "a" }, "export OTHER_TOKEN=exported")}`;
	const refused = bench.open(source, { PIN_TOKEN: "z9q" });
	await expect(refused).rejects.toMatchObject({ problem: { code: "parameter-invalid" } });
	await expect(refused).rejects.toThrow(/`PIN_TOKEN` has fewer than 4 characters: it could not be kept out/);
	await expect(refused).rejects.not.toThrow(/z9q/);
	const session = await bench.open(source, { PIN_TOKEN: "z9qx" });
	await expect(bench.sessions.setValue(session, "PIN_TOKEN", "z9q", bench.alice)).rejects.toThrow(/fewer than 4/);
	await expect(bench.sessions.setValue(session, "OTHER_TOKEN", "z9q", bench.alice)).rejects.toThrow(/fewer than 4/);
});

it("masks what a step exported under a secret's name, and takes no PATH of its for starting", async () => {
	bench = await openTestSessions();
	const evil = await mkdtemp(join(tmpdir(), "runledger-path-"));
	onTestFinished(() => rm(evil, { recursive: true }));
	await writeFile(join(evil, "setsid"), "#!/bin/sh\necho evil\n", { mode: 0o755 });
	const session = await bench.open(
		fence("sh", { name: "leave" }, `export MY_TOKEN=zzz-super-secret PATH=${evil}:$PATH`) +
			fence("sh", { name: "after" }, 'command -v setsid; echo "token $MY_TOKEN"'),
	);
	expect((await bench.run(session, "leave")).outcome).toBe("succeeded");
	const { outcome, runs } = await bench.run(session, "after");
	expect(outcome).toBe("succeeded");
	const shown = await bench.output(session, runs[0]?.run ?? "");
	expect(shown.startsWith(`${evil}/setsid\r\ntoken `)).toBe(true);
	expect(shown).not.toContain("zzz-super-secret");
});

it("keeps secrets out of the record and masks them in output", async () => {
	bench = await openTestSessions();
	const session = await bench.open(
		`---\nparameters:\n  db_password: { type: secret, required: true }\n---\n${fence("sh", { name: "use" }, "echo the word is $db_password")}`,
		{ db_password: "hunter2-very-secret" },
	);
	const { outcome, runs } = await bench.run(session, "use");
	expect(outcome).toBe("succeeded");
	const shown = await bench.output(session, runs[0]?.run ?? "");
	expect(shown).not.toContain("hunter2");
	expect(JSON.stringify(bench.folder.events.read(session))).not.toContain("hunter2");
});
