import { BadRecord } from "./bad-record.ts";
import { openBundle } from "./bundle-reader.ts";
import type { FileSource } from "./file-source.ts";
import type { RecordCrypto } from "./record-crypto.ts";
import type { RecordReader } from "./record-reader.ts";
import { verifyBundle } from "./verify-bundle.ts";
import { badReport, type VerifyReport } from "./verify-report.ts";

/** Verifies an export from its files: folder, archive or a page's memory. Needs no server and no key. */
export async function verifyExport(files: FileSource, crypto: RecordCrypto): Promise<VerifyReport> {
	let reader: RecordReader;
	try {
		reader = await openBundle(files, crypto);
	} catch (error) {
		if (error instanceof BadRecord) return badReport(error, "session");
		throw error;
	}
	return verifyBundle(reader, crypto);
}
