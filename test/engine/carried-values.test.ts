import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let bench: TestSessions | undefined;
afterEach(async () => {
	await bench?.close();
	bench = undefined;
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
	expect(await bench.output(session, second.runs[0]?.run ?? "")).toContain("captured blue /usr");
	expect(second.outcome).toBe("succeeded");
});

it("hands on the value that a person has set, also after a step exported one of that name", async () => {
	bench = await openTestSessions();
	const session = await bench.open(
		fence("sh", { name: "first" }, "export REGION=exported") + fence("sh", { name: "second" }, 'echo "in $REGION"'),
	);
	await bench.run(session, "first");
	const exported = await bench.run(session, "second");
	expect(await bench.output(session, exported.runs[0]?.run ?? "")).toBe("in exported\r\n");
	await bench.sessions.setValue(session, "REGION", "typed", bench.alice);
	const typed = await bench.run(session, "second");
	expect(await bench.output(session, typed.runs[0]?.run ?? "")).toBe("in typed\r\n");
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
	expect(await bench.output(session, runs[0]?.run ?? "")).toBe("now\r\n");
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
	expect(await bench.output(session, runs[1]?.run ?? "")).toBe(`shown planned ${first}\r\n`);
	const again = await bench.run(session, "show");
	const second = createHash("md5").update("second-secret").digest("hex").slice(0, 8);
	expect(await bench.output(session, again.runs[1]?.run ?? "")).toBe(`later later ${second}\r\n`);
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
		expect(await bench.output(session, runs[0]?.run ?? "")).toContain(told.detail);
		const after = await bench.run(session, "after");
		expect(after.outcome).toBe("succeeded");
		const shown = await bench.output(session, after.runs[0]?.run ?? "");
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
	expect(await bench.output(session, runs[0]?.run ?? "")).toBe("now ./mine\r\n");
	await bench.run(session, "remove");
	expect((await bench.run(session, "elsewhere")).outcome).toBe("succeeded");
	expect((await sessions.plan(session, "clear")).plan.steps[0]?.cwd).toBe("/");
});
