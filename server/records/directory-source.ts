import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BadRecord, placeOf } from "../../core/record/bad-record.ts";
import type { FileSource } from "../../core/record/file-source.ts";

/** More files than an export can have: someone else's folder. */
export const maxExportFiles = 100_000;

const exportFolders = new Set(["recordings", "attachments"]);

/** The files of an exported folder. Throws BadRecord for anything that is neither a file nor a folder of an export: links are not followed. */
export async function openDirectorySource(folder: string): Promise<FileSource> {
	const files: string[] = [];
	const walk = async (prefix: string): Promise<void> => {
		for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
			const file = `${prefix}${entry.name}`;
			if (entry.isDirectory() && exportFolders.has(file)) await walk(`${file}/`);
			else if (entry.isFile()) files.push(file);
			else throw new BadRecord(placeOf(file), `${file} is not a file.`);
			if (files.length > maxExportFiles) throw new BadRecord({ file }, `There are more than ${maxExportFiles} files.`);
		}
	};
	await walk("");
	const known = new Set(files);
	return {
		list: () => files,
		open: (path) => (known.has(path) ? createReadStream(join(folder, path)) : null),
	};
}
