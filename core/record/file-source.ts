/** Files by their path inside an export, with `/` between the parts: of a folder, an archive, a page's memory. */
export interface FileSource {
	list(): string[];
	/** The bytes of a file that is listed; null for another. */
	open(path: string): AsyncIterable<Uint8Array> | null;
}
