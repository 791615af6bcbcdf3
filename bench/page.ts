import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "@playwright/test";
import { longRunbook, openLongSession } from "../test/support/open-long-session.ts";
import { connectPage, signInByLink, startServerProcess } from "../test/support/server-process.ts";
import { type SessionWalk, walkLongSession } from "../test/support/walk-long-session.ts";

/** Milliseconds: a task beyond this is felt. */
const allowedMs = 100;
/** Steps of the session beside it: what the page costs on this machine at this moment whatever its length. */
const few = 10;

/**
 * The page's longest tasks with a session of `--steps N` finished steps, 1,000 unless told and at most: opening it,
 * scrolling to its middle and end, unfolding an output, running one more step. Beside it a session of 10, in turn in the
 * same run, `--walks N` times each, 3 unless told. Of each part the quietest walk counts: what a busy machine adds is
 * not the page's. Reading and starting the page's scripts is told by itself. `--detail`: which script, by frame.
 */
export async function run(args: string[]): Promise<boolean> {
	const option = (name: string, otherwise: number) =>
		args.includes(name) ? Number(args[args.indexOf(name) + 1]) : otherwise;
	const [many, walks, isDetailed] = [option("--steps", 1_000), option("--walks", 3), args.includes("--detail")];
	const folder = mkdtempSync(join(tmpdir(), "runledger-bench-page-"));
	const server = await prepare(folder, [few, many]);
	try {
		const cookie = await signInByLink(server.url, server.signIn, "Bench");
		const connection = await connectPage(server.url, cookie);
		const browser = await chromium.launch({
			executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
			args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
		});
		try {
			const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
			const [name = "", ...value] = cookie.split("=");
			await context.addCookies([{ name, value: value.join("="), url: server.url }]);
			const sessions = { few: "", many: "" };
			const short: SessionWalk[] = [];
			const long: SessionWalk[] = [];
			for (let i = 0; i < walks; i++) {
				// A walk runs the step that was left: each session is walked once.
				sessions.few = await openLongSession(connection, `books/${few}.md`, few);
				short.push(await walk(context, `${server.url}/sessions/${sessions.few}`, few));
				const begin = performance.now();
				sessions.many ||= await openLongSession(connection, `books/${many}.md`, many);
				if (i === 0) console.log(`${many} steps run in ${((performance.now() - begin) / 1000).toFixed(1)} s\n`);
				long.push(await walk(context, `${server.url}/sessions/${sessions.many}`, many + i));
				const added = { title: "One more", body: "echo one more", after: null, type: "shell" } as const;
				await connection.request("step.add", { session: sessions.many, ...added });
			}
			return told(short, long, many, isDetailed);
		} finally {
			await browser.close();
			connection.close();
		}
	} finally {
		await server.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

async function prepare(folder: string, lengths: readonly number[]) {
	const books = join(folder, "books");
	mkdirSync(books);
	for (const steps of lengths) writeFileSync(join(books, `${steps}.md`), longRunbook(`A walk of ${steps}`, steps));
	const config = join(folder, "runledger.yaml");
	writeFileSync(config, `runbooks:\n  - { name: books, folder: ${books} }\nshell:\n  cwd: ${folder}\n`);
	return startServerProcess(join(folder, "data"), ["--config", config]);
}

async function walk(context: BrowserContext, address: string, finished: number): Promise<SessionWalk> {
	const page = await context.newPage();
	try {
		return await walkLongSession(page, address, finished);
	} finally {
		await page.close();
	}
}

function told(short: SessionWalk[], long: SessionWalk[], many: number, isDetailed: boolean): boolean {
	const parts = Object.keys(long[0]?.parts ?? {});
	const longest = (walks: SessionWalk[], part: string) =>
		walks.map(({ parts }) => Math.max(0, ...(parts[part] ?? []))).sort((a, b) => a - b);
	console.log("longest task, ms      quietest walk (each walk)");
	console.log(`${"".padEnd(18)} ${`${few} steps`.padStart(24)} ${`${many} steps`.padStart(30)}`);
	let fine = true;
	for (const part of parts) {
		const [little, much] = [longest(short, part), longest(long, part)];
		const cell = (ms: number[]) => `${ms[0] || "under 50"} (${ms.join(", ")})`;
		console.log(`${part.padEnd(18)} ${cell(little).padStart(24)} ${cell(much).padStart(30)}`);
		if (part !== "scripts") fine &&= (much[0] ?? 0) <= allowedMs;
	}
	const settled = long.map(({ settledMs }) => Math.round(settledMs)).join(", ");
	console.log(`\nall cards stand after     ${settled} ms; elements ${long.map(({ elements }) => elements).join(", ")}`);
	console.log(`allowed                   ${allowedMs} ms a task, after the scripts have started`);
	if (isDetailed)
		for (const [i, { frames }] of long.entries()) for (const frame of frames) console.log(`walk ${i + 1}: ${frame}`);
	return fine;
}
