import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ProblemError } from "../../core/problem.ts";
import { BadRecord } from "../../core/record/bad-record.ts";
import type { FileSource } from "../../core/record/file-source.ts";
import { manifestFile } from "../../core/record/manifest.ts";
import { verifyBundle } from "../../core/record/verify-bundle.ts";
import { verifyExport } from "../../core/record/verify-export.ts";
import { badReport, type VerifyReport } from "../../core/record/verify-report.ts";
import { serverStream } from "../../core/session-event.ts";
import { openDirectorySource } from "./directory-source.ts";
import { eventDatabaseFile } from "./event-database.ts";
import { openFolderReader } from "./folder-record-reader.ts";
import { nodeRecordCrypto } from "./node-record-crypto.ts";
import { hasZipSeal } from "./zip-seal.ts";
import { openZipSource } from "./zip-source.ts";

/**
 * Verifies a data folder, an exported folder or an exported archive, without writing to it; a data folder also beside
 * its server and after a crash. `session` limits a data folder to one session and the server's own stream.
 * Throws `not-found` when there is nothing at the path, `bad-request` when it is no record of any form,
 * `session-unknown` when there is no trace of `session`.
 */
export async function verifyPath(path: string, options: { session?: string } = {}): Promise<VerifyReport> {
	if (!existsSync(path)) throw new ProblemError("not-found", `There is nothing at ${path}.`);
	if (!statSync(path).isDirectory()) return reported("session", () => verifyZip(path));
	if (existsSync(join(path, eventDatabaseFile))) return reported("server", () => verifyFolder(path, options.session));
	const files = ["events.jsonl", "content.jsonl", "account.txt", manifestFile];
	if (files.some((file) => existsSync(join(path, file)))) {
		return reported("session", async () => verifyExport(await openDirectorySource(path), nodeRecordCrypto));
	}
	if (existsSync(join(path, "lock"))) {
		return badReport(
			new BadRecord({ file: eventDatabaseFile }, "The events of the data folder are missing."),
			"server",
		);
	}
	throw new ProblemError("bad-request", `${path} is neither a data folder nor an exported session.`);
}

async function verifyFolder(path: string, only: string | undefined): Promise<VerifyReport> {
	const reader = openFolderReader(path);
	try {
		const report = await verifyBundle(reader, nodeRecordCrypto, only === undefined ? {} : { only });
		const known = only === undefined || (only !== serverStream && reader.streams().includes(only));
		// One that the server's stream knows, and that is gone, has been found by now.
		if (report.ok && !known) throw new ProblemError("session-unknown", `There is no session ${only}.`);
		return report;
	} finally {
		reader.close();
	}
}

async function verifyZip(path: string): Promise<VerifyReport> {
	const source: FileSource & { close(): void } = await openZipSource(path);
	try {
		const report = await verifyExport(source, nodeRecordCrypto);
		if (!report.ok || (await hasZipSeal(path))) return report;
		const reason =
			"The archive is not byte for byte as it was written, though what it holds is. If it was packed anew, verify the unpacked folder.";
		return { ...report, ok: false, firstBad: { file: basename(path) }, reason };
	} finally {
		source.close();
	}
}

async function reported(scope: "server" | "session", verify: () => Promise<VerifyReport>): Promise<VerifyReport> {
	try {
		return await verify();
	} catch (error) {
		if (error instanceof BadRecord) return badReport(error, scope);
		throw error;
	}
}
