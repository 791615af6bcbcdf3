import { httpRoutes } from "../../../core/protocol.ts";
import type { VerifyReport } from "../../../core/record/verify-report.ts";
import type { Connection } from "../../connection/connection.ts";
import type { VerifyAnswer } from "./verify-worker.ts";

/** What a verification found, and who made it. */
export interface Verified extends VerifyReport {
	by: "browser" | "server";
	/** Unix milliseconds, this browser's clock. */
	at: number;
	/** Why this browser did not do it itself. */
	whyServer?: string;
}

/** What a page takes into memory to check it; a longer session is checked by the server, and the page says so. */
export const mostChecked = 96 * 2 ** 20;

/**
 * Fetches the session's export and checks it in this browser; what is too large, or can't be fetched or run here, the
 * server checks instead, and the report says so. Throws ProblemError when neither can.
 */
export async function verifySession(session: string, bytes: number, connection: Connection): Promise<Verified> {
	let whyServer: string;
	if (bytes > mostChecked) whyServer = "it is too large to be fetched for that";
	else {
		try {
			return { ...(await verifyHere(session)), by: "browser", at: Date.now() };
		} catch (error) {
			whyServer = error instanceof Error ? error.message : String(error);
		}
	}
	const { at, firstBad, ...report } = await connection.request("record.verify", { session });
	return { ...report, firstBad: firstBad as VerifyReport["firstBad"], by: "server", at: Date.parse(at), whyServer };
}

async function verifyHere(session: string): Promise<VerifyReport> {
	const response = await fetch(httpRoutes.exportSession(session));
	if (!response.ok) throw new Error(`the export could not be fetched (status ${response.status})`);
	const zip = new Uint8Array(await response.arrayBuffer());
	const worker = new Worker(new URL("./verify-worker.ts", import.meta.url), { type: "module" });
	try {
		const answer = await new Promise<VerifyAnswer>((resolve, reject) => {
			worker.onmessage = (event: MessageEvent<VerifyAnswer>) => resolve(event.data);
			worker.onerror = () => reject(new Error("this browser could not run the verifier"));
			worker.postMessage(zip, [zip.buffer]);
		});
		if ("failed" in answer) throw new Error(answer.failed);
		return answer.report;
	} finally {
		worker.terminate();
	}
}
