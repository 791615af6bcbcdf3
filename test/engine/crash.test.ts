import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { canMount, crashRounds, mountSmallDisk } from "../support/crash-rounds.ts";

it("loses nothing that was acknowledged when the server is killed at 10 random moments while steps run", {
	timeout: 120_000,
}, async () => {
	const folder = mkdtempSync(join(tmpdir(), "runledger-crash-"));
	try {
		const reports = await crashRounds({ folder, rounds: 10, random: Math.random });
		expect(reports.flatMap((report) => report.wrong)).toEqual([]);
		expect(reports.at(-1)?.started).toBeGreaterThan(10);
		expect(reports.at(-1)?.lost).toBeGreaterThan(0);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

it.runIf(canMount())(
	"loses nothing that was acknowledged when the disk is full at 3 random moments (needs root, to mount a small disk)",
	{ timeout: 120_000 },
	async () => {
		const folder = mkdtempSync(join(tmpdir(), "runledger-full-"));
		const unmount = mountSmallDisk(folder, 48);
		try {
			const reports = await crashRounds({ folder, rounds: 3, random: Math.random, fillDisk: true });
			expect(reports.flatMap((report) => report.wrong)).toEqual([]);
			expect(reports.at(-1)?.started).toBeGreaterThan(3);
		} finally {
			unmount();
			rmSync(folder, { recursive: true, force: true });
		}
	},
);
