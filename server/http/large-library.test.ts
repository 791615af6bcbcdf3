import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
	connectPage,
	type ServerProcess,
	signInByLink,
	startServerProcess,
} from "../../test/support/server-process.ts";

let folder: string;
let server: ServerProcess | null;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "large-library-"));
	mkdirSync(join(folder, "books"));
	writeFileSync(join(folder, "runledger.yaml"), "runbooks:\n  - ./books\n");
	server = null;
});
afterEach(async () => {
	await server?.stop();
	rmSync(folder, { recursive: true, force: true });
});

const small = (index: number) => `# Runbook ${index}\n\n\`\`\`sh {"name":"look"}\necho $A${index}\n\`\`\`\n`;
/** A megabyte: of the first ones each takes about as long to read as one can, of the others a moment. */
const large = (index: number) =>
	index < 8
		? `# Large ${index}\n\n\`\`\`sh\n${Array.from({ length: 60_000 }, (_, i) => `echo {{a${i}}}`).join("\n")}\n\`\`\`\n`
		: `# Large ${index}\n\n\`\`\`text\n${"a line of a listing\n".repeat(50_000)}\`\`\`\n`;

test.each([
	["6,000 small files", 6_000, small, "1000 left out"],
	["many files of a megabyte, some slow to read", 40, large, "MiB of Markdown"],
])(
	"the server starts and answers all the while it reads a folder of %s, and says what it left out",
	async (_, count, make, said) => {
		for (let i = 0; i < count; i++) writeFileSync(join(folder, "books", `${String(i).padStart(5, "0")}.md`), make(i));
		const started = await startServerProcess(join(folder, "data"), ["--config", join(folder, "runledger.yaml")]);
		server = started;
		const page = await connectPage(started.url, await signInByLink(started.url, started.signIn, "Ann"));
		const scanned = new Promise<true>((resolve) => page.socket.once("library.changed", () => resolve(true)));
		let answers = 0;
		const soon = () => new Promise<false>((resolve) => setTimeout(resolve, 50, false));
		while (!(await Promise.race([scanned, soon()]))) {
			// As long as a busy machine may take for one file; the whole folder takes many times that.
			const answer = await fetch(`${started.url}/healthz`, { signal: AbortSignal.timeout(15_000) });
			expect(answer.ok).toBe(true);
			answers += 1;
		}
		expect(answers).toBeGreaterThan(5);
		const { runbooks, problems } = await page.request("library.list", {});
		expect(problems).toMatchObject([
			{ code: "library-too-large", detail: expect.stringContaining(`\`${join(folder, "books")}\` holds more than`) },
		]);
		expect(problems[0]?.detail).toContain(said);
		if (make === small) expect(runbooks).toHaveLength(5_000);
		else expect(runbooks.length).toBeGreaterThan(30);
		page.close();
	},
	300_000,
);
