import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JoinedEvent } from "../../core/session-event.ts";
import { eventsOf, finishedOf, sh, useCliFolder } from "../../test/support/cli-folder.ts";
import {
	connectPage,
	type ServerProcess,
	signInByLink,
	startServerProcess,
} from "../../test/support/server-process.ts";

const cli = useCliFolder();

describe("beside a server", () => {
	let server: ServerProcess;
	beforeEach(async () => {
		server = await startServerProcess(cli.data);
	});
	afterEach(() => server.stop());

	test("run goes through it and shows live in the browser; signin, sessions and export too", async () => {
		const cookie = await signInByLink(server.url, server.signIn, "Ann");
		const page = await connectPage(server.url, cookie);
		const file = cli.runbook("fine.md", sh("slow", "echo begun; sleep 1.5; echo ended"));
		const run = cli.start("run", file, "--yes", "--json", "--data", cli.data);
		await expect.poll(() => run.said.out, { timeout: 15_000 }).toContain('"run.started"');
		const session = eventsOf(run.said.out)[0]?.stream ?? "";
		const seen: string[] = [];
		page.socket.on("session.events", (push: { events: JoinedEvent[] }) => {
			seen.push(...push.events.map((event) => event.type));
		});
		const snapshot = await page.request("session.watch", { session });
		expect(snapshot.state.status).toBe("open");
		const { code, out } = await run.ended;
		expect(code).toBe(0);
		expect(eventsOf(out).at(-1)?.type).toBe("session.closed");
		await expect.poll(() => seen).toEqual(expect.arrayContaining(["run.finished", "session.closed"]));
		page.close();

		const link = (await cli.runledger("signin")).out.trim();
		await expect(signInByLink(server.url, link, "Ben")).resolves.toContain("=");
		expect((await cli.runledger("sessions", "--json")).out).toContain(session);
		expect((await cli.runledger("export", session, "--out", join(cli.path, "e.zip"))).code).toBe(0);
		expect((await cli.start("verify", cli.data).ended).code).toBe(0);
	});

	test("its socket is its owner's alone, and a second server is refused", async () => {
		expect(statSync(join(cli.data, "runledger.sock")).mode & 0o777).toBe(0o600);
		expect(statSync(cli.data).mode & 0o077).toBe(0);
		const { code, err } = await cli.runledger("serve", "--port", "0");
		expect(code).toBe(3);
		expect(err).toContain("record-locked");
	});

	test("a command that goes away in the middle cancels its run", async () => {
		const file = cli.runbook("long.md", sh("long", "echo begun; sleep 60"));
		const run = cli.start("run", file, "--yes", "--json", "--data", cli.data);
		await expect.poll(() => run.said.out, { timeout: 15_000 }).toContain('"run.started"');
		run.child.kill("SIGKILL");
		await run.ended;
		await expect
			.poll(async () => JSON.parse((await cli.runledger("sessions", "--json")).out || "{}"), {
				timeout: 20_000,
				interval: 500,
			})
			.toMatchObject({ state: "closed", outcome: "abandoned" });
	});

	test("SIGTERM cancels what runs, records it and ends in good order", async () => {
		const file = cli.runbook("long.md", sh("long", "echo begun; sleep 60"));
		const run = cli.start("run", file, "--yes", "--json", "--data", cli.data);
		await expect.poll(() => run.said.out, { timeout: 15_000 }).toContain('"run.started"');
		await server.stop();
		expect(server.child.exitCode).toBe(0);
		await run.ended;
		const report = await cli.start("verify", cli.data, "--json").ended;
		expect(JSON.parse(report.out).ok).toBe(true);
		const { stream } = eventsOf(run.said.out)[0] as JoinedEvent;
		expect((await cli.runledger("export", stream, "--out", join(cli.path, "out"))).code).toBe(0);
		const kept = eventsOf(readFileSync(join(cli.path, "out", "events.jsonl"), "utf8"));
		expect(finishedOf(kept)).toMatchObject([{ step: "long", outcome: "cancelled" }]);
	});
});

test("commands that only read wait for each other; one that finds the folder taken for longer says by whom", async () => {
	expect((await cli.runledger("run", cli.runbook("once.md", sh("one", "echo 1")), "--yes")).code).toBe(0);
	const lists = await Promise.all([1, 2, 3].map(() => cli.runledger("sessions", "--json")));
	for (const { code, out, err } of lists)
		expect({ code, lines: out.split("\n").length }, err).toEqual({ code: 0, lines: 2 });

	const long = cli.start("run", cli.runbook("long.md", sh("long", "sleep 60")), "--yes", "--json", "--data", cli.data);
	await expect.poll(() => long.said.out, { timeout: 15_000 }).toContain('"run.started"');
	const { code, err } = await cli.runledger("sessions");
	expect(code).toBe(3);
	expect(err).toContain(`record-locked: Process ${long.child.pid} writes the data folder`);
	long.child.kill("SIGINT");
	await long.ended;
}, 60_000);

test("signin without a server says how to start one", async () => {
	const { code, err } = await cli.runledger("signin");
	expect(code).toBe(1);
	expect(err).toContain("runledger serve");
});
