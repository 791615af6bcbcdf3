import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canMount, crashRounds, mountSmallDisk, type RoundReport } from "../test/support/crash-rounds.ts";

/**
 * Kills the server with SIGKILL at random moments while steps run (`--count N`, 100 unless told), and fills its disk at
 * others (`--full N`, 20 unless told; needs root for a small file system). After each: no acknowledged event is missing,
 * each open intent ended as lost, nothing ran without its intent, verification is clean.
 */
export async function run(args: string[]): Promise<boolean> {
	const number = (flag: string, otherwise: number) =>
		args.includes(flag) ? Number(args[args.indexOf(flag) + 1]) : otherwise;
	const killed = await rounds("SIGKILL", number("--count", 100), false);
	const full = canMount() ? await rounds("disk full", number("--full", 20), true) : [];
	if (!canMount()) console.log("disk full: skipped, mounting a small file system needs root");
	const wrong = [...killed, ...full].filter((report) => report.wrong.length > 0);
	for (const report of wrong) console.log(`round ${report.round}: ${report.wrong.join("; ")}`);
	return wrong.length === 0;
}

async function rounds(name: string, count: number, fillDisk: boolean): Promise<RoundReport[]> {
	const folder = mkdtempSync(join(tmpdir(), "runledger-crash-"));
	const unmount = fillDisk ? mountSmallDisk(folder, 96) : () => undefined;
	try {
		const reports = await crashRounds({
			folder,
			rounds: count,
			fillDisk,
			random: Math.random,
			onRound: ({ round, killedAfterMs, wrong }) => {
				if (round % 10 === 0 || wrong.length > 0)
					console.log(`${name} ${round}: after ${killedAfterMs} ms, ${wrong.length} wrong`);
			},
		});
		const last = reports.at(-1);
		const bad = reports.filter((report) => report.wrong.length > 0).length;
		console.log(
			`${name}: ${reports.length} rounds, ${last?.acknowledged} events acknowledged, ${last?.started} runs started, ${last?.lost} lost runs recorded, ${bad} rounds wrong`,
		);
		return reports;
	} finally {
		unmount();
		rmSync(folder, { recursive: true, force: true });
	}
}
