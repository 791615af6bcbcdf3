import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./stage.mjs";

/*
 * What the runners' JSON reports say: how many tests passed, failed and were skipped, and of each that failed its name with
 * the first lines of why. Null when a runner broke off before it could report.
 */

/** Of a failure so many lines stand at the end of the run; the whole of it stands where it happened. */
const mostLines = 14;

/** Format: `vitest run --reporter=json`. */
export function readVitest(file) {
	return readReport(file, (report) => ({
		passed: report.numPassedTests,
		failed: report.numFailedTests,
		skipped: report.numPendingTests + report.numTodoTests,
		failures: report.testResults.flatMap(({ name, message, assertionResults }) => {
			const failed = assertionResults.filter(({ status }) => status === "failed");
			// A file that could not be read or set up has no test that failed.
			if (failed.length === 0) return message ? [failure(relative(root, name), message)] : [];
			return failed.map((test) =>
				failure(`${relative(root, name)} › ${test.fullName}`, test.failureMessages.join("\n")),
			);
		}),
	}));
}

/** Format: `playwright test --reporter=json`. */
export function readPlaywright(file) {
	return readReport(file, ({ stats, suites, errors }) => ({
		passed: stats.expected + stats.flaky,
		failed: stats.unexpected,
		skipped: stats.skipped,
		failures: [
			...errors.map(({ message }) => failure("outside of a test", message ?? "")),
			...suites.flatMap(specsOf).flatMap(({ file: at, title, tests }) =>
				tests
					.filter(({ status }) => status === "unexpected")
					.flatMap(({ results }) => results.flatMap((result) => result.errors))
					.map(({ message }) => failure(`${at} › ${title}`, message ?? "")),
			),
		],
	}));
}

function specsOf(suite) {
	return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}

function failure(name, message) {
	const lines = stripVTControlCharacters(message)
		.split("\n")
		.filter((line) => line.trim() !== "" && !/^\s+at (.*node_modules\/|new Promise )/.test(line));
	return { name, lines: lines.slice(0, mostLines) };
}

function readReport(file, read) {
	try {
		return read(JSON.parse(readFileSync(file, "utf8")));
	} catch {
		return null;
	}
}
