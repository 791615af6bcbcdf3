import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import { serverStream } from "../../core/session-event.ts";
import { openSearchIndex } from "../../server/records/search.ts";
import { verifyPath } from "../../server/records/verify.ts";
import { startTestRedis } from "../../steps/redis/test-redis.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let bench: TestSessions | undefined;
afterEach(async () => {
	await bench?.close();
	bench = undefined;
});

async function output(test: TestSessions, session: string, run: string): Promise<string> {
	const cast = new TextDecoder().decode(await test.folder.recordings.read(session, run));
	return new TextDecoder().decode(recordingBytes(decodeRecording(cast).events));
}

function fence(word: string, attributes: Record<string, string>, body: string): string {
	return `\`\`\`${word} ${JSON.stringify(attributes)}\n${body}\n\`\`\`\n`;
}

it("runs a shell step, records every byte, and says finished only after the recording is sealed", async () => {
	bench = await openTestSessions();
	const session = await bench.open(`# Look\n\n${fence("sh", { name: "look" }, "printf 'a\\377b\\n'; seq 500")}`);
	const { outcome, runs } = await bench.run(session, "look");
	expect(outcome).toBe("succeeded");
	const recording = runs[0]?.recording;
	const cast = await bench.folder.recordings.read(session, runs[0]?.run ?? "");
	expect(cast.length).toBe(recording?.bytes);
	const bytes = recordingBytes(decodeRecording(new TextDecoder().decode(cast)).events);
	expect(bytes.length).toBe(recording?.outputBytes);
	const expected = Buffer.concat([
		Buffer.from("a\xffb\r\n", "latin1"),
		Buffer.from(Array.from({ length: 500 }, (_, i) => `${i + 1}\r\n`).join("")),
	]);
	expect(Buffer.from(bytes).equals(expected)).toBe(true);
});

it("has the intent in the record before the command starts", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "slow" }, "sleep 0.4"));
	const { plan, confirmation } = await bench.sessions.plan(session, "slow");
	const { finished } = await bench.sessions.request(
		session,
		{ unit: "slow", planDigest: plan.digest, confirmation },
		bench.alice,
	);
	await delay(200);
	const types = bench.folder.events.read(session).map((event) => event.type);
	expect(types).toContain("run.started");
	expect(types).not.toContain("run.finished");
	await finished;
});

it("starts a step once when two people press Run at the same moment", async () => {
	bench = await openTestSessions();
	const { sessions, alice } = bench;
	const session = await bench.open(fence("sh", { name: "once" }, "sleep 0.2; echo once"));
	const { plan } = await sessions.plan(session, "once");
	const press = () => sessions.request(session, { unit: "once", planDigest: plan.digest, confirmation: "none" }, alice);
	const pressed = await Promise.allSettled([press(), press(), press()]);
	const started = pressed.filter((p) => p.status === "fulfilled");
	expect(started).toHaveLength(1);
	await (started[0] as PromiseFulfilledResult<Awaited<ReturnType<typeof press>>>).value.finished;
	expect(bench.folder.events.read(session).filter((e) => e.type === "run.started")).toHaveLength(1);
});

describe("a request only to pass over", () => {
	const changes = (more: Record<string, string>) =>
		`---\nparameters:\n  mode: { type: string }\n---\n\n${fence("sh", { name: "look", risk: "read", capture: "found=output.contains('full') ? 'full' : 'small'" }, "cat found")}${fence("sh", { name: "change", risk: "change", ...more }, "echo done > changed")}`;
	const passOver = async (test: TestSessions, session: string) => {
		const { plan } = await test.sessions.plan(session, "change");
		const request = { unit: "change", planDigest: plan.digest, confirmation: "none" as const, passOver: true as const };
		return (await test.sessions.request(session, request, test.alice)).finished;
	};
	let folder: string;
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), "runledger-pass-over-"));
		bench = await openTestSessions();
	});
	afterEach(() => rm(folder, { recursive: true, force: true }));
	const inFolder = (source: string) =>
		source.replaceAll("cat found", `cat ${folder}/found`).replaceAll("> changed", `> ${folder}/changed`);
	const changed = () => readFile(join(folder, "changed"), "utf8").catch(() => null);

	it("records a step that is not needed as such, without asking anybody, and sends nothing", async () => {
		const test = bench as TestSessions;
		const session = await test.open(inFolder(changes({ when: "params.mode == 'full'" })), { mode: "small" });
		expect(await test.sessions.plan(session, "change")).toMatchObject({ confirmation: "key", unneeded: true });
		const { runs } = await passOver(test, session);
		expect(runs[0]).toMatchObject({ status: "finished", outcome: "skipped", confirmation: "none" });
		expect(await changed()).toBeNull();
	});

	it("begins nothing of a step that is needed by now: it still asks a person", async () => {
		const test = bench as TestSessions;
		const session = await test.open(inFolder(changes({ when: "params.mode == 'full'" })), { mode: "full" });
		expect(await test.sessions.plan(session, "change")).toMatchObject({ confirmation: "key", unneeded: false });
		const { runs } = await passOver(test, session);
		expect(runs[0]).toMatchObject({ status: "rejected" });
		expect(runs[0]?.problem?.content).toContain("needed by now");
		expect(test.sessions.state(session).steps["change"]?.status).toBe("idle");
		expect(await changed()).toBeNull();
	});

	it("sends nothing when what is checked again finds that it is needed after all", async () => {
		const test = bench as TestSessions;
		const when = { when: "values.found == 'full'", recheck: "look" };
		const session = await test.open(inFolder(changes(when)), { mode: "any" });
		await writeFile(join(folder, "found"), "small");
		await test.run(session, "look");
		await writeFile(join(folder, "found"), "full");
		expect(await test.sessions.plan(session, "change")).toMatchObject({ unneeded: true });
		const { outcome, runs } = await passOver(test, session);
		expect(outcome).toBe("failed");
		expect(runs[0]?.problem?.content).toContain("confirmation-needed");
		expect(await changed()).toBeNull();
	});

	it("can't tell yet that a step is not needed while its condition waits for a value", async () => {
		const test = bench as TestSessions;
		const session = await test.open(inFolder(changes({ when: "values.found == 'full'" })), { mode: "any" });
		expect(await test.sessions.plan(session, "change")).toMatchObject({ unneeded: false });
	});
});

it("hands values to the next step, and the directory and exported variables of a shell", async () => {
	bench = await openTestSessions();
	const session = await bench.open(
		[
			fence("sh", { name: "first", capture: "word=output.trim()" }, "cd /usr; export COLOUR=blue; echo captured"),
			fence("sh", { name: "second", expect: "output.contains('captured blue /usr')" }, "echo {{word}} $COLOUR $PWD"),
		].join("\n"),
	);
	expect((await bench.run(session, "first")).outcome).toBe("succeeded");
	const second = await bench.run(session, "second");
	expect(await output(bench, session, second.runs[0]?.run ?? "")).toContain("captured blue /usr");
	expect(second.outcome).toBe("succeeded");
});

it("hands on the value that a person has set, also after a step exported one of that name", async () => {
	bench = await openTestSessions();
	const session = await bench.open(
		fence("sh", { name: "first" }, "export REGION=exported") + fence("sh", { name: "second" }, 'echo "in $REGION"'),
	);
	await bench.run(session, "first");
	const exported = await bench.run(session, "second");
	expect(await output(bench, session, exported.runs[0]?.run ?? "")).toBe("in exported\r\n");
	await bench.sessions.setValue(session, "REGION", "typed", bench.alice);
	const typed = await bench.run(session, "second");
	expect(await output(bench, session, typed.runs[0]?.run ?? "")).toBe("in typed\r\n");
});

it("takes only values that something in the session reads, never a variable of every shell", async () => {
	bench = await openTestSessions();
	const { sessions, alice } = bench;
	const session = await bench.open(
		`---\nparameters:\n  region: { type: string }\n---\n${fence("sh", { name: "first", capture: "word=output" }, 'echo "$SIZE"; export COLOUR=blue')}${fence("sh", { name: "say" }, "echo $PATH $LD_PRELOAD $HOME")}`,
		{ SIZE: "small" },
	);
	const before = sessions.state(session).seq;
	const set = (name: string, value: JsonValue = "x") => sessions.setValue(session, name, value, alice);
	for (const name of ["PATH", "LD_PRELOAD", "HOME", "BASH_ENV"]) {
		await expect(set(name)).rejects.toMatchObject({ problem: { code: "parameter-reserved" } });
	}
	for (const name of ["__proto__", "constructor", "toString", "region2", "a b", ""]) {
		await expect(set(name)).rejects.toMatchObject({ problem: { code: "parameter-invalid" } });
	}
	for (const value of ["a\0b", "\ud800", ["\ud800"], { "\ud800": 1 }]) {
		await expect(set("word", value)).rejects.toMatchObject({ problem: { code: "parameter-invalid" } });
	}
	expect(sessions.state(session).seq).toBe(before);
	for (const name of ["region", "word", "SIZE", "COLOUR"]) await set(name);
	await expect(set("later")).rejects.toMatchObject({ problem: { code: "parameter-invalid" } });
	await sessions.editStep(session, "say", "echo {{later}}", undefined, alice);
	await set("later", "now");
	const { runs } = await bench.run(session, "say");
	expect(await output(bench, session, runs[0]?.run ?? "")).toBe("now\r\n");
});

it("runs the later steps of a group with what was confirmed, whatever a person sets meanwhile", async () => {
	bench = await openTestSessions();
	const parameters = "---\nparameters:\n  API_TOKEN: { type: secret }\n  NAME: { type: string }\n---\n\n";
	const show = 'echo "$NAME $CARRIED $(printf %s "$API_TOKEN" | md5sum | cut -c1-8)"';
	const session = await bench.open(
		parameters +
			fence("sh", { name: "before" }, "export CARRIED=planned") +
			fence("sh", { name: "slow", group: "g" }, "sleep 1") +
			fence("sh", { name: "show", group: "g" }, show),
		{ API_TOKEN: "first-secret", NAME: "shown" },
	);
	const { sessions, alice } = bench;
	await bench.run(session, "before");
	const { plan, confirmation } = await sessions.plan(session, "g");
	const { finished } = await sessions.request(session, { unit: "g", planDigest: plan.digest, confirmation }, alice);
	await expect
		.poll(() => Object.values(sessions.state(session).runs).some((r) => r.step === "slow" && r.status === "started"))
		.toBe(true);
	for (const [name, value] of Object.entries({ API_TOKEN: "second-secret", NAME: "later", CARRIED: "later" })) {
		await sessions.setValue(session, name, value, alice);
	}
	const { runs } = await finished;
	const first = createHash("md5").update("first-secret").digest("hex").slice(0, 8);
	expect(await output(bench, session, runs[1]?.run ?? "")).toBe(`shown planned ${first}\r\n`);
	const again = await bench.run(session, "show");
	const second = createHash("md5").update("second-secret").digest("hex").slice(0, 8);
	expect(await output(bench, session, again.runs[1]?.run ?? "")).toBe(`later later ${second}\r\n`);
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
	const shown = await output(bench, session, runs[0]?.run ?? "");
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
	const shown = await output(bench, session, runs[0]?.run ?? "");
	expect(shown.startsWith(`${evil}/setsid\r\ntoken `)).toBe(true);
	expect(shown).not.toContain("zzz-super-secret");
});

it.each([
	["one variable of 240 kB", 'export DUMP="$(seq 40000)"', ["DUMP"], "SMALL="],
	["more than 1 MiB", 'export DUMP="$(seq 400000)"', null, "DUMP="],
	[
		"the largest of many",
		`for n in A B C D E F; do export "$n$n=$(printf '%0*d' $((80000 + \${#n})) 1)"; done; export GG=$(printf '%0120000d' 1)`,
		["GG"],
		"AA=DUMP=SMALL=",
	],
])(
	"does not carry %s that a step exports, says so on its run, and the next steps run",
	async (_, body, names, carried) => {
		bench = await openTestSessions();
		const look = "env | grep -aoE '^(DUMP|SMALL|AA|GG)=' | sort | tr -d '\\n'";
		const session = await bench.open(
			fence("sh", { name: "before" }, "export DUMP=older") +
				fence("sh", { name: "dump" }, `${body}\nexport SMALL=carried`) +
				fence("sh", { name: "after" }, look) +
				fence("sh", { name: "last" }, "true"),
		);
		await bench.run(session, "before");
		const { outcome, runs } = await bench.run(session, "dump");
		expect(outcome).toBe("succeeded");
		const told = JSON.parse(runs[0]?.problem?.content ?? "null");
		expect(told).toMatchObject({ code: "not-carried", severity: "warning" });
		for (const name of names ?? []) expect(told.detail).toContain(`\`${name}\``);
		expect(await output(bench, session, runs[0]?.run ?? "")).toContain(told.detail);
		const after = await bench.run(session, "after");
		expect(after.outcome).toBe("succeeded");
		const shown = await output(bench, session, after.runs[0]?.run ?? "");
		expect(shown).toBe(carried);
		expect((await bench.run(session, "last")).outcome).toBe("succeeded");
	},
);

it("runs nothing in another directory when the one that was carried is gone, until the step that made it has run again", async () => {
	bench = await openTestSessions();
	const { sessions } = bench;
	const made = await mkdtemp(join(tmpdir(), "runledger-carried-"));
	onTestFinished(() => rm(made, { recursive: true, force: true }));
	const session = await bench.open(
		fence("sh", { name: "make" }, `mkdir -p ${made}/deep; cd ${made}/deep; touch mine`) +
			fence("sh", { name: "remove" }, `rm -rf ${made}`) +
			fence("sh", { name: "clear" }, "echo ./*; rm -rf ./*") +
			fence("sh", { name: "elsewhere", cwd: "/" }, "pwd"),
	);
	await bench.run(session, "make");
	await bench.run(session, "remove");
	await expect(sessions.plan(session, "clear")).rejects.toMatchObject({
		problem: { code: "directory-gone", detail: expect.stringContaining(`${made}/deep`) },
	});
	// A text can be written meanwhile: it is not the text that is wrong.
	await sessions.editStep(session, "clear", "echo now ./*; rm -rf ./*", undefined, bench.alice);
	expect((await bench.run(session, "make")).outcome).toBe("succeeded");
	const { outcome, runs } = await bench.run(session, "clear");
	expect(outcome).toBe("succeeded");
	expect(await output(bench, session, runs[0]?.run ?? "")).toBe("now ./mine\r\n");
	await bench.run(session, "remove");
	expect((await bench.run(session, "elsewhere")).outcome).toBe("succeeded");
	expect((await sessions.plan(session, "clear")).plan.steps[0]?.cwd).toBe("/");
});

it.each([
	["output.contains('healthy')", 'output = "ill"'],
	["exitCode == 0", "exitCode = 3"],
	["result == 'healthy'", '"ill"'],
	["1 == 2", '"ill"'],
	["result == 'healthy' || exitCode == 0", 'result = "ill", exitCode = 3'],
])("when `%s` does not hold it says what was wanted, and that what came was %s", async (wanted, got) => {
	bench = await openTestSessions();
	const body = `printf ill; exit ${wanted.includes("exitCode") ? 3 : 0}`;
	const session = await bench.open(fence("sh", { name: "check", expect: wanted }, body));
	const { outcome, runs } = await bench.run(session, "check");
	expect(outcome).toBe("failed");
	expect(JSON.parse(runs[0]?.problem?.content ?? "{}")).toMatchObject({
		code: "check-failed",
		data: { wanted, got },
	});
});

it("a sentence that can't be filled in is not told as a fact: what could not be read is", async () => {
	bench = await openTestSessions();
	const checked = `---
steps:
  count:
    expect:
      - { that: "result.replicas > 1", otherwise: "There are {{result.replicas}} replicas." }
---
`;
	const session = await bench.open(checked + fence("sh", { name: "count" }, "echo none"));
	const { runs } = await bench.run(session, "count");
	const { code, detail } = JSON.parse(runs[0]?.problem?.content ?? "{}") as { code: string; detail: string };
	expect(code).toBe("check-failed");
	expect(detail).toContain("wanted `result.replicas > 1`: ");
	expect(detail).not.toContain("There are");
});

it("refuses a plan that has changed since it was shown", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "say" }, "echo {{word}}"), {});
	await bench.sessions.setValue(session, "word", "one", bench.alice);
	const { plan } = await bench.sessions.plan(session, "say");
	await bench.sessions.setValue(session, "word", "two", bench.alice);
	const asked = bench.sessions.request(
		session,
		{ unit: "say", planDigest: plan.digest, confirmation: "none" },
		bench.alice,
	);
	await expect(asked).rejects.toMatchObject({ problem: { code: "plan-moved" } });
});

it("cancels a run and what it daemonised, and records that", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "long" }, "trap '' INT; setsid sleep 300 & sleep 300"));
	const { plan } = await bench.sessions.plan(session, "long");
	const { runs, finished } = await bench.sessions.request(
		session,
		{ unit: "long", planDigest: plan.digest, confirmation: "none" },
		bench.alice,
	);
	await delay(300);
	await bench.sessions.cancel(session, runs[0] ?? "", bench.bob);
	expect((await finished).outcome).toBe("cancelled");
	const marker = Buffer.from(`RUNLEDGER_RUN=${runs[0]}`);
	const { readdir } = await import("node:fs/promises");
	for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
		const environ = await readFile(`/proc/${pid}/environ`).catch(() => Buffer.alloc(0));
		expect(environ.includes(marker)).toBe(false);
	}
});

it("tells what a step that succeeded has left running, and leaves it there", async () => {
	bench = await openTestSessions();
	const session = await bench.open(
		// What has not left its session yet when the shell ends is hung up with it.
		fence("sh", { name: "start" }, "trap '' HUP; setsid -f sleep 1001") +
			fence("sh", { name: "tidy" }, "sleep 0 & wait; (echo done | cat)"),
	);
	const { outcome, runs } = await bench.run(session, "start");
	expect(outcome).toBe("succeeded");
	const told = JSON.parse(runs[0]?.problem?.content ?? "null");
	const pid = Number(/^`sleep` \(process (\d+)\) still runs, started by this step\.$/.exec(told?.detail)?.[1]);
	expect(told).toMatchObject({ code: "left-running", severity: "warning" });
	expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).toBe("sleep\x001001\0");
	process.kill(pid, "SIGKILL");
	expect(await output(bench, session, runs[0]?.run ?? "")).toContain(told.detail);
	expect((await bench.run(session, "tidy")).runs[0]?.problem).toBeUndefined();
});

it("begins nothing of a run whose cancellation is in the record before its start", async () => {
	bench = await openTestSessions();
	const { sessions, alice } = bench;
	const session = await bench.open(fence("sh", { name: "quick" }, "echo ran"));
	for (let round = 0; round < 20; round++) {
		const { plan } = await sessions.plan(session, "quick");
		const asked = { unit: "quick", planDigest: plan.digest, confirmation: "none" } as const;
		const { runs, finished } = await sessions.request(session, asked, alice);
		const run = runs[0] ?? "";
		// One that is over by then can't be cancelled; what counts is what the record says of the others.
		await sessions.cancel(session, run, alice).catch(() => undefined);
		const ended = await finished;
		const types = sessions
			.events(session, 0, 100_000)
			.filter(({ data }) => data.run === run)
			.map(({ type }) => type);
		const cancelled = types.indexOf("run.cancel-requested");
		const started = types.indexOf("run.started");
		if (cancelled >= 0 && started >= 0) expect(started).toBeLessThan(cancelled);
		if (cancelled < 0 || started >= 0) continue;
		expect(types).toEqual(["run.cancel-requested", "run.rejected"]);
		expect(ended).toMatchObject({ outcome: "cancelled", runs: [{ status: "rejected" }] });
	}
	expect(await verifyPath(bench.folder.paths.folder)).toMatchObject({ ok: true });
});

it("runs a group through, ends it at the first failure, and runs what was started back in reverse", async () => {
	bench = await openTestSessions();
	const front = `---
steps:
  hold: { finally: ["echo released >> $LOG"] }
  second: { finally: ["echo second-undone >> $LOG"] }
---
`;
	const session = await bench.open(
		`${front}
${fence("sh", { name: "setup" }, 'export LOG="$PWD/log-$$"; rm -f "$LOG"; echo $LOG')}
${fence("sh", { name: "hold", group: "g" }, "echo held >> $LOG")}
${fence("sh", { name: "second", group: "g" }, "echo second >> $LOG")}
${fence("sh", { name: "third", group: "g" }, "echo third >> $LOG; exit 4")}
${fence("sh", { name: "fourth", group: "g" }, "echo fourth >> $LOG")}
${fence("sh", { name: "show" }, "cat $LOG; rm $LOG")}
`,
	);
	expect((await bench.run(session, "setup")).outcome).toBe("succeeded");
	const group = await bench.run(session, "g");
	expect(group.outcome).toBe("failed");
	expect(group.runs.map((run) => run.status)).toEqual(["finished", "finished", "finished", "rejected"]);
	expect(group.runs.map((run) => run.outcome)).toEqual(["succeeded", "succeeded", "failed", undefined]);
	const shown = await bench.run(session, "show");
	expect(await output(bench, session, shown.runs[0]?.run ?? "")).toBe(
		"held\r\nsecond\r\nthird\r\nsecond-undone\r\nreleased\r\n",
	);
});

it("lets an edit run in this session only, as a deviation with its diff", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "say" }, "echo one"));
	await bench.sessions.editStep(session, "say", "echo two", "typo", bench.alice);
	const { runs } = await bench.run(session, "say");
	expect(await output(bench, session, runs[0]?.run ?? "")).toBe("two\r\n");
	expect(bench.sessions.state(session).steps["say"]?.edited?.diff.content).toContain("+echo two");
	expect(bench.sessions.state(session).deviations).toBe(1);
});

it("refuses an edit or an addition that can't be run, and takes one that only waits for a value", async () => {
	bench = await openTestSessions();
	const { sessions, alice } = bench;
	const session = await bench.open(
		[
			fence("redis", { name: "lost", target: "nowhere.master" }, "PING"),
			fence("sh", { name: "look", capture: "word=output.trim()" }, "echo hello"),
		].join("\n"),
	);
	const edit = (step: string, body: string) => sessions.editStep(session, step, body, undefined, alice);
	const add = (body: string, target?: string) =>
		sessions.addStep(
			session,
			{ after: "look", type: "redis", title: "More", body, ...(target ? { target } : {}) },
			alice,
		);
	const before = sessions.state(session).seq;
	await expect(edit("look", " ")).rejects.toMatchObject({ problem: { code: "step-empty" } });
	await expect(edit("lost", "@nowhere.replica[x] PING")).rejects.toMatchObject({
		problem: { code: "target-reference-invalid" },
	});
	await expect(edit("lost", "@local PING")).rejects.toMatchObject({ problem: { code: "target-kind-mismatch" } });
	await expect(add("PING", "nowhere.master")).rejects.toMatchObject({ problem: { code: "target-unknown" } });
	await expect(add("PING")).rejects.toMatchObject({ problem: { code: "target-missing" } });
	expect(sessions.state(session).seq).toBe(before);
	// It was so before: that there is no such cluster is not what this edit did.
	await edit("lost", "INFO");
	await edit("look", "echo {{later}}");
	expect(sessions.state(session).seq).toBe(before + 2);
});

it("adds a step at any point and runs it", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "say" }, "echo one"));
	const { step } = await bench.sessions.addStep(
		session,
		{ after: "say", type: "shell", title: "Look again", body: "echo '```'; echo three" },
		bench.alice,
	);
	expect(bench.sessions.state(session).order).toEqual(["say", "look-again"]);
	const { runs } = await bench.run(session, step);
	expect(await output(bench, session, runs[0]?.run ?? "")).toBe("```\r\nthree\r\n");
});

it("runs a selection of a step's lines alone", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "two" }, "echo one\necho two"));
	const { plan } = await bench.sessions.plan(session, "two", "echo two");
	const { finished } = await bench.sessions.request(
		session,
		{ unit: "two", planDigest: plan.digest, confirmation: "none", selection: "echo two" },
		bench.alice,
	);
	const { runs } = await finished;
	expect(await output(bench, session, runs[0]?.run ?? "")).toBe("two\r\n");
	expect(bench.sessions.state(session).deviations).toBe(1);
});

it("waits for a person's answers to a manual step, refuses incomplete ones, and records the rest", async () => {
	bench = await openTestSessions();
	const session = await bench.open("# Tell\n\n- [ ] told the team\n- [ ] opened a ticket\n");
	const step = bench.sessions.state(session).order[0] ?? "";
	const { plan, confirmation } = await bench.sessions.plan(session, step);
	const { runs, finished } = await bench.sessions.request(
		session,
		{ unit: step, planDigest: plan.digest, confirmation },
		bench.alice,
	);
	const answer = (checked: boolean[]) =>
		bench?.sessions.answer(session, runs[0] ?? "", { checked }, [], (bench as TestSessions).alice);
	const refusal = () =>
		answer([true, false])?.then(
			() => null,
			(error: { problem: { code: string } }) => error.problem.code,
		);
	await expect.poll(refusal, { timeout: 20_000 }).toBe("not-attested");
	await answer([true, true]);
	expect((await finished).outcome).toBe("succeeded");
	expect(bench.sessions.state(session).runs[runs[0] ?? ""]?.answers?.content).toContain("true");
	expect(await output(bench, session, runs[0] ?? "")).toContain("[x] opened a ticket");
});

it("keeps secrets out of the record and masks them in output", async () => {
	bench = await openTestSessions();
	const session = await bench.open(
		`---\nparameters:\n  db_password: { type: secret, required: true }\n---\n${fence("sh", { name: "use" }, "echo the word is $db_password")}`,
		{ db_password: "hunter2-very-secret" },
	);
	const { outcome, runs } = await bench.run(session, "use");
	expect(outcome).toBe("succeeded");
	const shown = await output(bench, session, runs[0]?.run ?? "");
	expect(shown).not.toContain("hunter2");
	expect(JSON.stringify(bench.folder.events.read(session))).not.toContain("hunter2");
});

it("marks a run lost when the server died in the middle of it, and ends what it left running", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "long" }, "echo begun; sleep 300"));
	const { plan } = await bench.sessions.plan(session, "long");
	await bench.sessions.request(session, { unit: "long", planDigest: plan.digest, confirmation: "none" }, bench.alice);
	await delay(400);
	// A copy of the folder as a crash would leave it: what is on disk at this moment.
	const { cp, mkdtemp, rm } = await import("node:fs/promises");
	const { tmpdir } = await import("node:os");
	const copy = await mkdtemp(join(tmpdir(), "runledger-copy-"));
	await cp(bench.folder.paths.folder, copy, { recursive: true, filter: (path) => !path.endsWith(".sock") });
	const after = await openTestSessions({ at: copy });
	try {
		expect(await after.sessions.recover()).toBe(1);
		const state = after.sessions.state(session);
		expect(state.steps["long"]?.status).toBe("lost");
		const run = Object.values(state.runs)[0];
		expect(run?.commands?.content).toContain("may-have-happened");
		expect(await output(after, session, run?.run ?? "")).toContain("begun");
	} finally {
		await after.close(true);
		const report = await verifyPath(copy);
		expect(report).toMatchObject({ ok: true, firstBad: null });
		await rm(copy, { recursive: true, force: true });
	}
});

it("names each session's opening and closing head on the server's own stream", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "say" }, "echo one"));
	await bench.run(session, "say");
	await bench.sessions.close(session, "resolved", "all well", bench.alice);
	const heads = bench.folder.events.read(serverStream).filter((e) => e.type === "session.head");
	const last = bench.folder.events.heads().find((head) => head.stream === session);
	expect(heads.map((e) => e.data["at"])).toEqual(["opened", "closed"]);
	expect(heads[1]?.data).toMatchObject({ session, seq: last?.seq, hash: last?.hash });
});

it("the expressions of a step have one budget together, its until one a look; a finally is sent all the same", async () => {
	bench = await openTestSessions();
	const costly = "output.split(' ').all(x, x.matches('[0-9]{1,9}') || true)";
	const attributes = {
		name: "hostile",
		expect: Array.from({ length: 100 }, () => costly),
		capture: { word: "result.exitCode" },
		until: `${costly} && unit.elapsedMs > 100`,
		every: "10ms",
		finally: [{ when: "unit.elapsedMs >= 0", run: "echo released" }],
	};
	const front = `---\nsteps:\n  hostile: ${JSON.stringify({ ...attributes, name: undefined })}\n---\n`;
	const session = await bench.open(`${front}${fence("sh", { name: "hostile", risk: "read" }, "seq -s ' ' 12000")}`);
	const started = process.cpuUsage();
	const { runs } = await bench.run(session, "hostile");
	// Without it these take half a minute.
	expect(process.cpuUsage(started).user / 1_000).toBeLessThan(10_000);
	const checks = JSON.parse(runs[0]?.checks?.content ?? "[]") as { held: boolean; why?: string }[];
	expect(checks).toHaveLength(100);
	expect(checks[0]).toMatchObject({ held: true });
	expect(checks.at(-1)?.why).toContain(
		"the expressions of the step `hostile` take more than 100 million units of work",
	);
	expect(runs[0]?.commands?.content).toContain('"phase":"finally"');
});

it("a wait that only looks at a cluster outside a lab is refused in a drill, and runs in a change", async () => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.close());
	bench = await openTestSessions({ targets: [{ ...redis.target, name: "prodx", environment: "production" }] });
	const source = fence("wait", { name: "look", target: "prodx", until: "topology.master != null", timeout: "20s" }, "");
	const drill = await bench.open(source, {}, "drill");
	await expect(bench.run(drill, "look")).rejects.toMatchObject({ problem: { code: "target-not-lab" } });
	expect((await bench.run(await bench.open(source), "look")).outcome).toBe("succeeded");
});
