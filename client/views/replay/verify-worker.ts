/* Verifies an export beside the page, so that hashing megabytes never holds up a key. Gets the zip's bytes, answers with the report. */

import { BadRecord } from "../../../core/record/bad-record.ts";
import { verifyExport } from "../../../core/record/verify-export.ts";
import { badReport, type VerifyReport } from "../../../core/record/verify-report.ts";
import { browserCrypto } from "./browser-crypto.ts";
import { zipFiles } from "./zip-files.ts";

export type VerifyAnswer = { report: VerifyReport } | { failed: string };

async function verify(zip: Uint8Array): Promise<VerifyAnswer> {
	try {
		return { report: await verifyExport(zipFiles(zip), browserCrypto()) };
	} catch (error) {
		if (error instanceof BadRecord) return { report: badReport(error, "session") };
		return { failed: error instanceof Error ? error.message : String(error) };
	}
}

self.addEventListener("message", async (event: MessageEvent<Uint8Array>) => {
	(self as unknown as { postMessage(answer: VerifyAnswer): void }).postMessage(await verify(event.data));
});
