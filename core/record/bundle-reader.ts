import type { JsonValue } from "../json.ts";
import { toHex } from "../plan.ts";
import { type JoinedEvent, maxEventBytes } from "../session-event.ts";
import { accountForm, accountFormOf, accountOf } from "./account.ts";
import { BadRecord, placeOf } from "./bad-record.ts";
import { BadLine, byteLines } from "./byte-lines.ts";
import { calledForFiles } from "./called-for-files.ts";
import { canonicalJson } from "./canonical-json.ts";
import { exportFiles } from "./export-files.ts";
import type { FileSource } from "./file-source.ts";
import { fromHex } from "./hex.ts";
import { type Manifest, manifestFile, parseManifest } from "./manifest.ts";
import type { RecordCrypto } from "./record-crypto.ts";
import type { Found, FoundContent, FoundEvent, NotedHead, RecordReader } from "./record-reader.ts";

/** What a verifier takes into memory at most; a session's texts are far smaller. */
const maxContentBytes = 256 * 2 ** 20;
const maxManifestBytes = 64 * 2 ** 20;

/** Reads an export. Throws BadRecord when its manifest or its contents can't be read at all. */
export async function openBundle(files: FileSource, crypto: RecordCrypto): Promise<RecordReader> {
	const manifest = parseManifest(await whole(files, manifestFile, maxManifestBytes), crypto);
	const contents = await readContents(files, crypto);
	return new BundleReader(files, crypto, manifest, contents);
}

class BundleReader implements RecordReader {
	readonly scope = "session";
	readonly #files: FileSource;
	readonly #crypto: RecordCrypto;
	readonly #manifest: Manifest;
	readonly #contents: ReadonlyMap<string, FoundContent>;

	constructor(
		files: FileSource,
		crypto: RecordCrypto,
		manifest: Manifest,
		contents: ReadonlyMap<string, FoundContent>,
	) {
		this.#files = files;
		this.#crypto = crypto;
		this.#manifest = manifest;
		this.#contents = contents;
	}

	streams(): string[] {
		return [this.#manifest.head.stream];
	}

	async *events(stream: string): AsyncGenerator<FoundEvent> {
		let seq = 1;
		try {
			for await (const bytes of byteLines(opened(this.#files, exportFiles.events), maxEventBytes)) {
				yield { seq, bytes };
				seq += 1;
			}
		} catch (error) {
			if (!(error instanceof BadLine)) throw error;
			throw new BadRecord({ stream, seq }, `Event ${seq} can't be read: ${error.message}.`);
		}
	}

	head(stream: string): NotedHead | null {
		return stream === this.#manifest.head.stream ? this.#manifest.head : null;
	}

	headed(): string[] {
		return [];
	}

	async *serverHeads(): AsyncGenerator<Uint8Array> {
		// No chain ties these lines, so the manifest says first whether it is they that were altered.
		await this.#checkFile(exportFiles.serverHeads);
		yield* jsonLines(this.#files, exportFiles.serverHeads, maxEventBytes);
	}

	content(ref: string): FoundContent {
		return this.#contents.get(ref) ?? "missing";
	}

	recording(file: string): AsyncIterable<Uint8Array> | null {
		return this.#files.open(file);
	}

	recordings(): string[] {
		return this.#files.list().filter((file) => file.startsWith("recordings/"));
	}

	attachment(sha256: string): AsyncIterable<Uint8Array> | null {
		return this.#files.open(`attachments/${sha256}`);
	}

	attachments(): string[] {
		return this.#files.list().flatMap((file) => (file.startsWith("attachments/") ? [file.slice(12)] : []));
	}

	async checkEvents(found: Found): Promise<void> {
		for (const ref of this.#contents.keys()) {
			if (!found.contents.has(ref)) {
				throw new BadRecord({ file: exportFiles.content }, "A text was added: no event refers to it.");
			}
		}
		await this.#checkAccount(found.events);
	}

	async finish(found: Found): Promise<void> {
		const called = calledForFiles(this.#manifest.head.stream, found.events);
		for (const file of called.needed) {
			if (!this.#manifest.files.has(file)) {
				throw new BadRecord(placeOf(file), `The file ${file} is missing: the manifest does not name it.`);
			}
		}
		for (const file of this.#manifest.files.keys()) {
			if (!called.needed.has(file) && !called.possible.has(file)) {
				throw new BadRecord(placeOf(file), `The file ${file} was added: no event calls for it.`);
			}
			await this.#checkFile(file);
		}
		if (called.runbook !== null && this.#manifest.files.get(exportFiles.runbook) !== this.#digest(called.runbook)) {
			throw new BadRecord({ file: exportFiles.runbook }, "The runbook is not the one that the session was opened on.");
		}
		for (const file of this.#files.list()) {
			if (file !== manifestFile && !this.#manifest.files.has(file)) {
				throw new BadRecord(placeOf(file), `The file ${file} was added: the manifest does not name it.`);
			}
		}
	}

	/** The account is made anew from the events: nothing else says what stands in it. */
	async #checkAccount(events: readonly JoinedEvent[]): Promise<void> {
		const file = exportFiles.account;
		if (this.#digest(accountOf(events)) === this.#manifest.files.get(file)) return this.#checkFile(file);
		const bytes = await whole(this.#files, file, maxContentBytes);
		let form: number | null = null;
		try {
			form = accountFormOf(this.#crypto.decode(bytes));
		} catch {
			// Not text at all.
		}
		if (form !== null && form > accountForm) {
			throw new BadRecord({ file }, "The account was altered, or a newer version wrote it: verify it with that one.");
		}
		throw new BadRecord({ file }, "The account was altered: it does not tell what the events tell.");
	}

	#digest(text: string): string {
		return toHex(this.#crypto.sha256(this.#crypto.encode(text)));
	}

	async #checkFile(file: string): Promise<void> {
		const hasher = this.#crypto.hasher();
		for await (const piece of opened(this.#files, file)) hasher.update(piece);
		if (toHex(hasher.digest()) !== this.#manifest.files.get(file)) {
			throw new BadRecord(placeOf(file), `The file ${file} was altered: the manifest holds another digest.`);
		}
	}
}

async function readContents(files: FileSource, crypto: RecordCrypto): Promise<Map<string, FoundContent>> {
	const contents = new Map<string, FoundContent>();
	const bad = (reason: string) => new BadRecord({ file: exportFiles.content }, reason);
	let total = 0;
	for await (const line of jsonLines(files, exportFiles.content, maxContentBytes)) {
		total += line.length;
		if (total > maxContentBytes) throw bad(`The texts are more than the ${maxContentBytes} bytes that are read.`);
		const found = readContent(line, crypto);
		if (!found) throw bad(`Line ${contents.size + 1} was altered: it is not of the form that was written.`);
		if (contents.has(found.ref)) throw bad(`Line ${contents.size + 1} was added: its text stands there twice.`);
		contents.set(found.ref, found.content);
	}
	return contents;
}

function readContent(line: Uint8Array, crypto: RecordCrypto): { ref: string; content: FoundContent } | null {
	let value: JsonValue;
	try {
		const text = crypto.decode(line);
		value = JSON.parse(text) as JsonValue;
		if (canonicalJson(value) !== text) return null;
	} catch {
		return null;
	}
	if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
	const { ref, salt, content, erased, ...more } = value;
	if (typeof ref !== "string" || Object.keys(more).length > 0) return null;
	if (erased === true && salt === undefined && content === undefined) return { ref, content: "erased" };
	if (erased !== undefined || typeof salt !== "string" || typeof content !== "string") return null;
	const saltBytes = fromHex(salt);
	return saltBytes && { ref, content: { salt: saltBytes, content: crypto.encode(content) } };
}

/** The lines of a file that has nothing to name but itself. */
async function* jsonLines(files: FileSource, file: string, maxBytes: number): AsyncGenerator<Uint8Array> {
	try {
		yield* byteLines(opened(files, file), maxBytes);
	} catch (error) {
		if (!(error instanceof BadLine)) throw error;
		throw new BadRecord({ file }, `Line ${error.line} of ${file} can't be read: ${error.message}.`);
	}
}

function opened(files: FileSource, file: string): AsyncIterable<Uint8Array> {
	const content = files.open(file);
	if (content === null) throw new BadRecord(placeOf(file), `The file ${file} is missing.`);
	return content;
}

async function whole(files: FileSource, file: string, maxBytes: number): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let length = 0;
	for await (const piece of opened(files, file)) {
		length += piece.length;
		if (length > maxBytes)
			throw new BadRecord({ file }, `The file ${file} is more than the ${maxBytes} bytes that are read.`);
		pieces.push(piece.slice());
	}
	const bytes = new Uint8Array(length);
	let at = 0;
	for (const piece of pieces) {
		bytes.set(piece, at);
		at += piece.length;
	}
	return bytes;
}
