import { createHash } from "node:crypto";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordingStore, RecordingWriter } from "../../server/records/recording-store.ts";

export interface FileRecordings extends Pick<RecordingStore, "create" | "read"> {
	file(run: string): string;
	/** While set, the disk takes half of what is written and fails with this. */
	failure: Error | null;
	syncs: number;
	remove(): Promise<void>;
}

/** Recordings as plain files in a folder of their own, with a disk that can be made to fail. */
export async function createFileRecordings(): Promise<FileRecordings> {
	const folder = await mkdtemp(join(tmpdir(), "recordings-"));
	const recordings: FileRecordings = {
		failure: null,
		syncs: 0,
		file: (run) => join(folder, `${run}.cast`),
		async create(_session, run): Promise<RecordingWriter> {
			const file = await open(join(folder, `${run}.cast`), "w");
			let bytes = 0;
			const sync = async () => {
				if (recordings.failure !== null) {
					throw recordings.failure;
				}
				recordings.syncs++;
				await file.datasync();
			};
			return {
				sync,
				get bytes() {
					return bytes;
				},
				async append(lines) {
					if (recordings.failure !== null) {
						await file.write(lines, 0, lines.length >> 1, bytes);
						await file.truncate(bytes);
						throw recordings.failure;
					}
					await file.write(lines, 0, lines.length, bytes);
					bytes += lines.length;
				},
				async seal() {
					await sync();
					await file.close();
					const content = await readFile(join(folder, `${run}.cast`));
					return {
						file: `recordings/${run}.cast`,
						sha256: createHash("sha256").update(content).digest("hex"),
						bytes: content.length,
					};
				},
			};
		},
		async read(_session, run, start = 0, end = Number.POSITIVE_INFINITY) {
			return (await readFile(join(folder, `${run}.cast`))).subarray(start, Math.min(end, Number.MAX_SAFE_INTEGER));
		},
		remove: () => rm(folder, { recursive: true, force: true }),
	};
	return recordings;
}
