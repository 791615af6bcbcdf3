import { BadRecord } from "../../../core/record/bad-record.ts";
import type { FileSource } from "../../../core/record/file-source.ts";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const longestComment = 65_535;

interface Entry {
	method: number;
	packedBytes: number;
	bytes: number;
	at: number;
}

/**
 * The files of a zip archive in memory, by its central directory (APPNOTE.TXT 6.3.10). Stored and deflated entries,
 * up to 4 GiB; anything else, and an archive that is not whole, is a BadRecord.
 */
export function zipFiles(zip: Uint8Array): FileSource {
	const entries = readDirectory(zip);
	return {
		list: () => [...entries.keys()],
		open(path) {
			const entry = entries.get(path);
			return entry ? contentOf(zip, path, entry) : null;
		},
	};
}

function readDirectory(zip: Uint8Array): Map<string, Entry> {
	const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
	const end = findEnd(view);
	const count = view.getUint16(end + 10, true);
	let at = view.getUint32(end + 16, true);
	const entries = new Map<string, Entry>();
	for (let i = 0; i < count; i++) {
		if (at + 46 > end || view.getUint32(at, true) !== entrySignature) throw broken("its directory can't be read");
		const nameLength = view.getUint16(at + 28, true);
		const name = new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameLength));
		const encrypted = (view.getUint16(at + 8, true) & 1) !== 0;
		const method = view.getUint16(at + 10, true);
		if (encrypted || (method !== 0 && method !== 8)) throw broken(`${name} is packed in a way that is not known`);
		if (entries.has(name)) throw broken(`${name} is there twice`);
		if (!name.endsWith("/")) {
			entries.set(name, {
				method,
				packedBytes: view.getUint32(at + 20, true),
				bytes: view.getUint32(at + 24, true),
				at: view.getUint32(at + 42, true),
			});
		}
		at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
	}
	return entries;
}

/** The end record stands before a comment of unknown length: it is looked for from the end. */
function findEnd(view: DataView): number {
	const first = Math.max(0, view.byteLength - 22 - longestComment);
	for (let at = view.byteLength - 22; at >= first; at--) {
		if (view.getUint32(at, true) === endSignature) return at;
	}
	throw broken("it has no end");
}

async function* contentOf(zip: Uint8Array, path: string, entry: Entry): AsyncGenerator<Uint8Array> {
	const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
	if (entry.at + 30 > zip.length || view.getUint32(entry.at, true) !== localSignature) {
		throw broken(`${path} is not where the directory says`);
	}
	const from = entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
	const packed = zip.subarray(from, from + entry.packedBytes);
	if (packed.length !== entry.packedBytes) throw broken(`${path} is cut off`);
	let bytes = 0;
	for await (const piece of entry.method === 0 ? pieces(packed) : inflated(packed, path)) {
		bytes += piece.length;
		if (bytes > entry.bytes) break;
		yield piece;
	}
	if (bytes !== entry.bytes) throw broken(`${path} has another length than the directory says`);
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

async function* inflated(packed: Uint8Array, path: string): AsyncGenerator<Uint8Array> {
	const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
	const reader = stream.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
	for (;;) {
		let read: ReadableStreamReadResult<Uint8Array>;
		try {
			read = await reader.read();
		} catch {
			throw broken(`${path} can't be unpacked`);
		}
		if (read.done) return;
		yield read.value;
	}
}

function broken(what: string): BadRecord {
	return new BadRecord({ file: "export.zip" }, `The export can't be read: ${what}.`);
}
