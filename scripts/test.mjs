import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { pathToFileURL } from "node:url";
import { buildPage, buildServer } from "./build.mjs";
import { bin, root, run, seconds } from "./stage.mjs";
import { readPlaywright, readVitest } from "./test-reports.mjs";

/*
 * `npm test`: everything that says whether this tree is sound, each stage with its time. All stages run, also after one has
 * failed, and what failed is named once more before the end. The last line is `N passed, N failed`: the tests of Vitest and
 * Playwright; a stage that has no tests of its own and fails counts as one.
 */
const programs = [
	{ program: "redis-server", package: "redis-server" },
	{ program: "redis-sentinel", package: "redis-sentinel" },
	{ program: "redis-cli", package: "redis-tools" },
	...(process.env.CHROMIUM ? [] : [{ program: "chromium", package: "chromium" }]),
	{ program: "strace", package: "strace" },
	{ program: "openssl", package: "openssl" },
];

const started = performance.now();
const reports = mkdtempSync(join(tmpdir(), "runledger-reports-"));
const sum = { passed: 0, failed: 0, skipped: 0 };
const times = [];
const failures = [];

/** Runs one stage; `count` reads its tests, and a stage without tests counts when it fails. */
async function stage(name, work, count) {
	console.log(`\n── ${name}`);
	const begin = performance.now();
	const code = await work();
	const counts = count?.() ?? null;
	if (counts) {
		for (const key of Object.keys(sum)) sum[key] += counts[key];
		failures.push(...counts.failures);
	}
	if (code !== 0 && (counts === null || counts.failed === 0)) sum.failed++;
	times.push([name, performance.now() - begin, code]);
	return code;
}

async function install() {
	const { ensurePrograms } = await import(
		pathToFileURL(join(root, "dist", "server", "cli", "ensure-programs.js")).href
	);
	const ask = process.stdin.isTTY && !process.env.CI ? askPerson : null;
	try {
		await ensurePrograms(programs, {
			path: process.env.PATH ?? "",
			isRoot: process.getuid?.() === 0,
			ask,
			say: (text) => console.log(text),
		});
		return 0;
	} catch (error) {
		console.error(error.message);
		if (error.problem?.next) console.error(error.problem.next);
		return 1;
	}
}

async function askPerson(question) {
	const line = createInterface({ input: process.stdin, output: process.stdout });
	const answer = await line.question(`${question} [y/N] `);
	line.close();
	return /^y(es)?$/i.test(answer.trim());
}

const vitestReport = join(reports, "vitest.json");
const playwrightReport = join(reports, "playwright.json");

await stage("build the server", buildServer);
const isReady = (await stage("programs", install)) === 0;
// The compiler keeps one core busy; what else reads the sources alone has the other meanwhile.
await Promise.all([
	stage("types", () => run(bin("tsc"), ["-b"])),
	(async () => {
		await stage("style", () => run(bin("biome"), ["check", "."]));
		await stage("imports", () =>
			run(bin("depcruise"), [
				"--config",
				".dependency-cruiser.cjs",
				...["core", "targets", "steps", "lab", "server", "client"],
			]),
		);
		await stage("unused", () => run(bin("knip"), ["--no-progress"]));
	})(),
]);
await stage("build the page", buildPage);
if (isReady) {
	await stage(
		"unit, property, contract and cluster tests",
		() => run(bin("vitest"), ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${vitestReport}`]),
		() => readVitest(vitestReport),
	);
	await stage(
		"browser tests",
		() =>
			run(bin("playwright"), ["test", "--reporter=list,json", "--pass-with-no-tests"], {
				env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport },
			}),
		() => readPlaywright(playwrightReport),
	);
}
rmSync(reports, { recursive: true, force: true });

for (const { name, lines } of failures) console.log(`\nFAILED ${name}\n${lines.map((line) => `  ${line}`).join("\n")}`);
console.log("");
for (const [name, ms, code] of times)
	console.log(`${code === 0 ? "ok    " : "FAILED"} ${seconds(ms).padStart(8)}  ${name}`);
console.log(`       ${seconds(performance.now() - started).padStart(8)}  in total`);
const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : "";
console.log(`${sum.passed} passed, ${sum.failed} failed${skipped}`);
process.exitCode = sum.failed === 0 ? 0 : 1;
