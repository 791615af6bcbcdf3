import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventsOf, sh, useCliFolder } from "../../test/support/cli-folder.ts";

const cli = useCliFolder();

test("a session with an altered recording is exported all the same, with a warning that names the first bad place", async () => {
	const file = cli.runbook("two.md", sh("one", "echo spoken"), sh("two", "echo more"));
	const session = eventsOf((await cli.runledger("run", file, "--yes", "--json")).out)[0]?.stream ?? "";
	const whole = await cli.runledger("export", session, "--out", join(cli.path, "whole"));
	expect(whole).toMatchObject({ code: 0, err: "" });

	const recordings = join(cli.data, "recordings");
	const names = readdirSync(recordings, { recursive: true }) as string[];
	const casts = names.filter((name) => name.endsWith(".cast")).map((name) => join(recordings, name));
	const cast = casts.find((path) => readFileSync(path, "utf8").includes("spoken")) ?? "";
	writeFileSync(cast, readFileSync(cast, "utf8").replace("spoken", "Spoken"));

	for (const out of ["bad", "bad.zip"]) {
		const place = join(cli.path, out);
		const { code, out: said, err } = await cli.runledger("export", session, "--out", place, "--json");
		expect(code).toBe(0);
		expect(JSON.parse(said)).toEqual({ session, out: place });
		expect(err).toMatch(/^Warning: .*The recording recordings\/\S+\.cast was altered/);
		const verified = await cli.start("verify", place, "--json").ended;
		expect(verified.code).toBe(1);
		const { firstBad } = JSON.parse(verified.out);
		expect(firstBad.recording).toContain(session);
		expect(err).toContain(JSON.stringify(firstBad));
	}
}, 60_000);
