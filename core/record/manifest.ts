import { toHex } from "../plan.ts";
import { BadRecord } from "./bad-record.ts";
import type { RecordCrypto } from "./record-crypto.ts";

export const manifestFile = "MANIFEST.sha256";

/**
 * The list of an export's files with their digests, in the form that `sha256sum -c` reads (it skips `#` lines):
 * `<sha256>  <path>` sorted by path, then `# head <stream> <seq> <hash>`, then `# manifest <sha256 of all above>`,
 * so that a change of the manifest itself is told apart from a change of what it names.
 */
export interface Manifest {
	files: ReadonlyMap<string, string>;
	head: { stream: string; seq: number; hash: string };
}

export function formatManifest(manifest: Manifest, crypto: Pick<RecordCrypto, "sha256" | "encode">): string {
	const { stream, seq, hash } = manifest.head;
	const lines = [...manifest.files]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([path, digest]) => `${digest}  ${path}\n`);
	const body = `${lines.join("")}# head ${stream} ${seq} ${hash}\n`;
	return `${body}# manifest ${toHex(crypto.sha256(crypto.encode(body)))}\n`;
}

/** Reads a manifest strictly: writing again what was read must give the same bytes. Throws BadRecord. */
export function parseManifest(bytes: Uint8Array, crypto: RecordCrypto): Manifest {
	const bad = (reason: string) => new BadRecord({ file: manifestFile }, reason);
	let text: string;
	try {
		text = crypto.decode(bytes);
	} catch {
		throw bad("The manifest was altered: it is not text.");
	}
	const files = new Map<string, string>();
	let head: Manifest["head"] | undefined;
	for (const line of text.split("\n")) {
		const file = /^([0-9a-f]{64}) {2}(.+)$/.exec(line);
		if (file?.[1] && file[2]) files.set(file[2], file[1]);
		const noted = /^# head (\S+) ([1-9]\d{0,14}) ([0-9a-f]{64})$/.exec(line);
		if (noted?.[1] && noted[2] && noted[3]) head = { stream: noted[1], seq: Number(noted[2]), hash: noted[3] };
	}
	if (!head) throw bad("The manifest was altered: it does not name the head of the session.");
	const manifest = { files, head };
	if (formatManifest(manifest, crypto) !== text) throw bad("The manifest was altered: its own digest does not fit.");
	return manifest;
}
