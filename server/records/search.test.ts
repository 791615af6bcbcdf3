import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRecordingEncoder } from "../../core/recording.ts";
import type { SessionEventDraft } from "../../core/session-event.ts";
import {
	noteDraft,
	openSampleFolder,
	runDrafts,
	sampleActor,
	sampleOrigin,
	startDraft,
	writeSampleSession,
} from "../../test/support/sample-record.ts";
import type { DataFolder } from "./data-folder.ts";
import { outputPassages } from "./output-passages.ts";
import { openSearchIndex, type SearchIndex } from "./search.ts";

let root: string;
let folder: DataFolder;
let index: SearchIndex;

beforeEach(async () => {
	root = mkdtempSync(join(tmpdir(), "runledger-search-"));
	folder = await openSampleFolder(root);
	index = openSearchIndex(folder.paths.search);
});

afterEach(async () => {
	index.close();
	await folder.close();
	rmSync(root, { recursive: true, force: true });
});

const note = (session: string, text: string) => {
	const expected = folder.events.heads().find(({ stream }) => stream === session)?.seq ?? 0;
	return folder.events.append(session, expected, [
		{ actor: sampleActor, origin: sampleOrigin, draft: noteDraft(text) },
	]);
};

test("only its owner may read the index", () => {
	const files = readdirSync(root).filter((name) => name.startsWith("search"));
	expect(files.length).toBeGreaterThan(0);
	for (const name of files) expect(statSync(join(root, name)).mode & 0o777, name).toBe(0o600);
});

test("titles, commands, output and notes are found, with session, run, step and time", async () => {
	await writeSampleSession(folder, "one", { runs: 2 });
	await index.catchUp(folder.events, folder.recordings);
	const kinds = (query: string) => index.search(query).map(({ where }) => where);
	expect(new Set(kinds("sample"))).toEqual(new Set(["title"]));
	expect(kinds("echo")).toEqual(["command", "command"]);
	expect(kinds("replicas")).toEqual(["note"]);
	const [hit] = index.search('"attempt 2"');
	expect(hit).toMatchObject({
		session: "one",
		title: "Sample one",
		run: "run-one-2",
		step: "look",
		where: "output",
		offsetMs: 20,
	});
	expect(hit?.matches.map(([start, end]) => hit.snippet.slice(start, end)).join(" ")).toMatch(/attempt 2/);
});

test("what is found of a command is what was sent, with its values; what was not sent is not among it", async () => {
	const append = (...drafts: SessionEventDraft[]) => {
		const expected = folder.events.heads().find(({ stream }) => stream === "one")?.seq ?? 0;
		const events = drafts.map((draft) => ({ actor: sampleActor, origin: sampleOrigin, draft }));
		return folder.events.append("one", expected, events);
	};
	const { requested } = runDrafts("run-1", 1);
	const [asked] = await append(requested);
	await append(startDraft(asked));
	await index.catchUp(folder.events, folder.recordings);
	expect(index.search("echo run-1")).toMatchObject([{ where: "command", run: "run-1" }]);
	const began = index.search("echo")[0]?.at;
	const commands = [
		{ phase: "main", node: "cache-2", text: "REPLICAOF 10.0.0.3 6379", state: "done" },
		{ phase: "main", node: "cache-2", text: "CONFIG REWRITE", state: "not-sent" },
	];
	await append(
		{
			type: "run.finished",
			data: {
				run: "run-1",
				step: "look",
				outcome: "failed",
				exitCode: null,
				checked: false,
				commands: { content: JSON.stringify(commands) },
				recording: null,
			},
		},
		{
			type: "value.set",
			data: { name: "reason", value: { content: '"kernel patch"' }, secret: false, source: "person" },
		},
	);
	await index.catchUp(folder.events, folder.recordings);
	expect(index.search("10.0.0.3")).toMatchObject([{ where: "command", run: "run-1", step: "look", at: began }]);
	expect(index.search("rewrite")).toEqual([]);
	expect(index.search("echo")).toEqual([]);
	expect(index.search("kernel")).toMatchObject([{ where: "value", snippet: "reason = kernel patch" }]);
});

test("snippets are plain text: no escape sequence and no mark-up of ours, and hostile words stay words", async () => {
	await note("one", "before \x1b[31m<img src=x onerror=alert(1)>\x1b[0m \u0002marked\u0003 after");
	await index.catchUp(folder.events, folder.recordings);
	const [hit] = index.search("onerror");
	expect(hit?.snippet).toBe("before <img src=x onerror=alert(1)> marked after");
	expect(hit?.matches.map(([start, end]) => hit.snippet.slice(start, end))).toEqual(["onerror"]);
});

test("whatever a person types is looked for, and nothing of it is an instruction", async () => {
	await note("one", "replication of 10.0.0.1:6379 is at offset 42 (orders-cache)");
	await index.catchUp(folder.events, folder.recordings);
	for (const query of ["10.0.0.1:6379", "orders-cache", "REPLIC", "offset 42", '"at offset"', "(orders", "offset*"]) {
		expect(index.search(query), query).toHaveLength(1);
	}
	for (const query of [
		"",
		" ",
		'"',
		'""',
		"*",
		"NOT",
		"missing OR offset",
		"text:x",
		"NEAR(",
		"^",
		"';--",
		"\0",
		"offset elsewhere",
	]) {
		expect(index.search(query), query).toEqual([]);
	}
});

test("a search can be kept to one session", async () => {
	await note("one", "the same words");
	await note("two", "the same words");
	await index.catchUp(folder.events, folder.recordings);
	expect(index.search("same")).toHaveLength(2);
	expect(index.search("same", { sessions: ["two"] }).map(({ session }) => session)).toEqual(["two"]);
	expect(index.search("same", { sessions: ["one", "three"] }).map(({ session }) => session)).toEqual(["one"]);
	expect(index.search("same", { sessions: [] })).toEqual([]);
	expect(index.search("same", { limit: 1 })).toHaveLength(1);
});

test("what has come since is taken in, once, of the streams that are named", async () => {
	await writeSampleSession(folder, "live", { close: false });
	await index.catchUp(folder.events, folder.recordings);
	await note("live", "a late note");
	await note("other", "a late note elsewhere");
	await index.catchUp(folder.events, folder.recordings, ["live"]);
	expect(index.search("late")).toHaveLength(1);
	await index.catchUp(folder.events, folder.recordings);
	expect(index.search("late")).toHaveLength(2);
	expect(index.search("echo")).toHaveLength(3);
	expect(index.search("role")).toHaveLength(3);
});

test("an erased text can't be found any more, and none of its bytes is left", async () => {
	const [event] = await note("one", "the password is swordfish");
	await index.catchUp(folder.events, folder.recordings);
	expect(index.search("swordfish")).toHaveLength(1);
	index.erase(String((event?.data.text as { ref?: string } | undefined)?.ref));
	expect(index.search("swordfish")).toEqual([]);
	index.close();
	const left = readdirSync(root).filter(
		(name) => name.startsWith("search") && readFileSync(join(root, name), "latin1").includes("swordfish"),
	);
	expect(left).toEqual([]);
	index = openSearchIndex(folder.paths.search);
});

test("an index that is damaged is thrown away and built again", async () => {
	await note("one", "findable");
	index.close();
	writeFileSync(folder.paths.search, "not a database at all, but long enough to be looked at by one".repeat(100));
	index = openSearchIndex(folder.paths.search);
	await index.catchUp(folder.events, folder.recordings);
	expect(index.search("findable")).toHaveLength(1);
});

test("a recording longer than one read is taken in whole, with characters and exact bytes on every cut", async () => {
	const writer = await folder.recordings.create("long", "run");
	const encoder = createRecordingEncoder();
	await writer.append(Buffer.from(encoder.header({ cols: 80, rows: 24, startedAt: 0 })));
	const lines = 30_000;
	for (let line = 0; line < lines; line += 1000) {
		let piece = "";
		for (let i = line; i < line + 1000; i += 1) {
			piece += encoder.output(
				Buffer.concat([Buffer.from(`line ${i} grüße `), Buffer.of(0xff), Buffer.from("\r\n")]),
				i,
			);
		}
		await writer.append(Buffer.from(piece));
	}
	await writer.seal();
	expect(writer.bytes).toBeGreaterThan(2 * 2 ** 20);
	let text = "";
	const times: number[] = [];
	for await (const passage of outputPassages(folder.recordings, "long", "run")) {
		expect(passage.text.startsWith(`line ${passage.offsetMs} `)).toBe(true);
		text += passage.text;
		times.push(passage.offsetMs);
	}
	expect(text.split("\n").slice(0, -1)).toEqual(Array.from({ length: lines }, (_, i) => `line ${i} grüße \ufffd`));
	expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("much output that came at once is cut into passages of whole lines, so that a word that is everywhere is found without holding up the server", async () => {
	await writeSampleSession(folder, "one", { runs: 1 });
	const writer = await folder.recordings.create("one", "flood");
	const encoder = createRecordingEncoder();
	let piece = encoder.header({ cols: 80, rows: 24, startedAt: 0 });
	for (let block = 0; block < 32; block += 1) {
		const lines = Array.from({ length: 4_000 }, (_, i) => `entry ${block * 4_000 + i}\r\n`).join("");
		piece += encoder.output(Buffer.from(lines), block);
	}
	await writer.append(Buffer.from(`${piece}${encoder.output(Buffer.from("x ".repeat(40_000)), 40)}`));
	await writer.seal();
	const longest = { lines: 0, endless: 0 };
	for await (const { text } of outputPassages(folder.recordings, "one", "flood")) {
		const kind = text.includes("entry") ? "lines" : "endless";
		longest[kind] = Math.max(longest[kind], text.length);
	}
	expect(longest.lines).toBeLessThan(2_100);
	expect(longest.endless).toBeLessThan(8_200);

	await index.indexRun(folder.recordings, "one", "flood");
	const before = process.cpuUsage();
	expect(index.search("entry", { sessions: ["one"] }).length).toBeGreaterThan(50);
	expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
	expect(index.search("entry 100001", { sessions: ["one"] })[0]?.snippet).toContain("entry 100001");
}, 20_000);

test("a value, a command and a note of any length hold up no search for a word that is everywhere in them", async () => {
	const append = (...drafts: SessionEventDraft[]) => {
		const expected = folder.events.heads().find(({ stream }) => stream === "one")?.seq ?? 0;
		const events = drafts.map((draft) => ({ actor: sampleActor, origin: sampleOrigin, draft }));
		return folder.events.append("one", expected, events);
	};
	const value = (name: string, text: string): SessionEventDraft => ({
		type: "value.set",
		data: { name, value: { content: JSON.stringify(text) }, secret: false, source: "person" },
	});
	await append(value("many", "ok\n".repeat(21_000)));
	await append(value("long", `early ${"z ".repeat(400_000)}late`));
	await note("one", `${"y ".repeat(9_100)}needle in it`);
	await index.catchUp(folder.events, folder.recordings);
	const before = process.cpuUsage();
	expect(index.search("ok").length).toBeGreaterThan(20);
	expect(index.search('z z z "z z" "z z z"').length).toBeGreaterThan(50);
	expect(index.search("y").length).toBeGreaterThan(5);
	expect(process.cpuUsage(before).user / 1000).toBeLessThan(1_500);
	expect(index.search("needle")[0]?.snippet).toMatch(/^…y y .*needle in it$/);
	expect(index.search("early")).toHaveLength(1);
	expect(index.search("late")).toEqual([]);
}, 60_000);
