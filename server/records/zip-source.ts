import { basename } from "node:path";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { BadRecord } from "../../core/record/bad-record.ts";
import type { FileSource } from "../../core/record/file-source.ts";
import { maxExportFiles } from "./directory-source.ts";

const stored = 0;
const nameForm = /^(?:(?:recordings|attachments)\/)?[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/;

/**
 * The files of an exported archive, read in place: nothing is unpacked to a disk. Only what an export can hold is
 * accepted: plain stored files (so nothing can swell), that together are not longer than the archive, with names of ours,
 * each once. Throws BadRecord for anything else.
 */
export async function openZipSource(path: string): Promise<FileSource & { close(): void }> {
	const place = { file: basename(path) };
	let zip: ZipFile | undefined;
	try {
		zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
		const entries = await readEntries(zip);
		const opened = zip;
		return {
			list: () => [...entries.keys()],
			open: (file) => {
				const entry = entries.get(file);
				return entry ? bytesOf(opened, entry, file) : null;
			},
			close: () => opened.close(),
		};
	} catch (error) {
		zip?.close();
		if (isSystemError(error)) throw error;
		// The library's sentences have their own full stop.
		const why = (error as Error).message.replace(/\.+$/, "");
		throw new BadRecord(place, `The archive is not as it was written: ${why}.`);
	}
}

async function readEntries(zip: ZipFile): Promise<Map<string, Entry>> {
	if (zip.entryCount > maxExportFiles) throw new Error(`it has ${zip.entryCount} entries`);
	const entries = new Map<string, Entry>();
	let total = 0;
	for await (const entry of zip.eachEntry()) {
		const { fileName, compressionMethod, compressedSize, uncompressedSize } = entry;
		if (!nameForm.test(fileName)) throw new Error(`an entry has the name ${JSON.stringify(fileName.slice(0, 100))}`);
		if (entries.has(fileName)) throw new Error(`${fileName} stands there twice`);
		if (compressionMethod !== stored || entry.isEncrypted() || compressedSize !== uncompressedSize) {
			throw new Error(`${fileName} is not stored plainly`);
		}
		total += uncompressedSize;
		if (total > zip.fileSize) throw new Error("its entries are longer than itself");
		entries.set(fileName, entry);
	}
	return entries;
}

async function* bytesOf(zip: ZipFile, entry: Entry, file: string): AsyncGenerator<Uint8Array> {
	try {
		for await (const piece of await zip.openReadStreamPromise(entry)) yield piece as Buffer;
	} catch (error) {
		if (isSystemError(error)) throw error;
		throw new BadRecord(
			{ file },
			`${file} can't be read from the archive: ${(error as Error).message.replace(/\.+$/, "")}.`,
		);
	}
}

function isSystemError(error: unknown): boolean {
	return typeof (error as NodeJS.ErrnoException).syscall === "string";
}
