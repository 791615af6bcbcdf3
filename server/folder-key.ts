import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ProblemError } from "../core/problem.ts";
import { writeDurably } from "./access/durable-file.ts";

const keyBytes = 32;

/** The data folder's own key, made at its first start: sessions' keys are derived from it. Readable by its owner only. */
export function readFolderKey(dataFolder: string): Uint8Array {
	const path = join(dataFolder, "key");
	if (!existsSync(path)) {
		try {
			writeDurably(path, `${randomBytes(keyBytes).toString("hex")}\n`);
		} catch (error) {
			throw new ProblemError(
				"record-unwritable",
				`The data folder's key can't be written (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`,
			);
		}
	}
	const key = Buffer.from(readFileSync(path, "utf8").trim(), "hex");
	if (key.length !== keyBytes) throw new ProblemError("config-invalid", `\`${path}\` holds no key.`);
	return key;
}
