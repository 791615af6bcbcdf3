import { setImmediate } from "node:timers/promises";
import type Database from "better-sqlite3";
import { plainText } from "../../core/plain-text.ts";
import type { SearchHit } from "../../core/protocol.ts";
import { recordedCommands, recordedPlan } from "../../core/recorded.ts";
import { type Content, type JoinedEvent, serverStream, sessionEventSchema } from "../../core/session-event.ts";
import type { EventStore } from "./event-store.ts";
import { outputPassages, textPassages } from "./output-passages.ts";
import type { RecordingStore } from "./recording-store.ts";
import { openSearchDatabase } from "./search-database.ts";
import { mark, snippetOf } from "./search-snippet.ts";

/** How many hits are given at most. */
export const maxHits = 100;

/** A query of more words is looked for by the first ones: each costs a walk through the index. */
const maxTerms = 16;

interface Passage {
	session: string;
	step: string | null;
	run: string | null;
	where: SearchHit["where"];
	at: string;
	offsetMs: number | null;
	text: string;
	/** The content that it comes from, so that it can be erased with it. */
	ref: string | null;
}

/** A hit as the index knows it: which step it is of by name alone. */
export type FoundPassage = Omit<SearchHit, "stepTitle">;

/** Opens the full-text search over titles, values, what was sent, recorded output and notes. */
export function openSearchIndex(path: string): SearchIndex {
	return new SearchIndex(openSearchDatabase(path));
}

/** A copy of what the record says, cut into passages of words. Can be deleted and built again at any time. */
export class SearchIndex {
	readonly #database: Database.Database;

	constructor(database: Database.Database) {
		this.#database = database;
	}

	/**
	 * Passages that have all the words of the query, each as the beginning of a word, best first. What stands in quotes is
	 * looked for as it stands. Never throws for what a person may type. Snippets are plain text, matches [start, end) in it.
	 */
	search(
		query: string,
		{ sessions, limit = maxHits }: { sessions?: readonly string[]; limit?: number } = {},
	): FoundPassage[] {
		const match = matchOf(query);
		if (match === null) return [];
		const within = sessions === undefined ? null : JSON.stringify(sessions);
		// By rank alone, so that the index itself sorts: then a snippet is made of those that are given, not of all that match.
		const rows = this.#database
			.prepare<unknown[], HitRow>(
				`SELECT p.session, coalesce(s.title, '') AS title, p.step, p.run, p.kind, p.at, p.offset_ms AS offsetMs,
					highlight(words, 0, ?, ?) AS marked
				FROM words CROSS JOIN passages p ON p.id = words.rowid LEFT JOIN sessions s ON s.session = p.session
				WHERE words MATCH ? AND (? IS NULL OR p.session IN (SELECT value FROM json_each(?)))
				ORDER BY rank LIMIT ?`,
			)
			.all(mark.start, mark.end, match, within, within, Math.min(maxHits, limit));
		return rows.map(({ kind, marked, ...row }) => ({ ...row, where: kind, ...snippetOf(marked) }));
	}

	/** Takes in one event of a session, after those before it; one that was taken in already is passed over. */
	indexEvent(event: JoinedEvent): void {
		if (event.stream === serverStream || event.seq <= this.#progress(event.stream)) return;
		this.#database.transaction(() => {
			for (const whole of this.#passagesOf(event)) {
				for (const text of textPassages(whole.text)) this.#add({ ...whole, text });
			}
			this.#database
				.prepare("INSERT INTO progress VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq")
				.run(event.stream, event.seq);
		})();
	}

	/**
	 * Takes in the output of a finished run, anew when it was there before. Lets others have their turn between passages.
	 * `mask`: what was written over may have stood between a secret's characters, which are found in the text alone.
	 */
	async indexRun(
		recordings: Pick<RecordingStore, "size" | "read">,
		session: string,
		run: string,
		mask: (text: string) => string = (text) => text,
	): Promise<void> {
		this.#forget("run = ? AND kind = 'output'", run);
		const known = this.#database
			.prepare<[string], { step: string; at: string }>("SELECT step, at FROM runs WHERE run = ?")
			.get(run);
		const startedAt = known ? Date.parse(known.at) : 0;
		for await (const { text, offsetMs } of outputPassages(recordings, session, run)) {
			const at = new Date(startedAt + offsetMs).toISOString();
			this.#add({
				session,
				run,
				step: known?.step ?? null,
				where: "output",
				at,
				offsetMs,
				text: mask(text),
				ref: null,
			});
			await setImmediate();
		}
	}

	/**
	 * Takes in everything that is not in it yet: after a start, after it was thrown away, or of the streams that are named.
	 * A recording that can't be read is passed over. `mask`: of the output of a run.
	 */
	async catchUp(
		store: Pick<EventStore, "heads" | "read">,
		recordings: Pick<RecordingStore, "size" | "read">,
		streams: Iterable<string> = store.heads().map(({ stream }) => stream),
		mask: (run: string, text: string) => string = (_, text) => text,
	): Promise<void> {
		for (const stream of streams) {
			if (stream === serverStream) continue;
			for (const event of store.read(stream, this.#progress(stream))) {
				// The output first: were this stopped in between, the event would bring it again.
				if (event.type === "run.finished" && event.data.recording) {
					const run = String(event.data.run);
					await this.indexRun(recordings, stream, run, (text) => mask(run, text)).catch(() => {});
				}
				this.indexEvent(event);
			}
			await setImmediate();
		}
	}

	/** Forgets the words of a content that was erased from the record. */
	erase(ref: string): void {
		this.#database
			.prepare(
				"UPDATE sessions SET title = '' WHERE session IN (SELECT session FROM passages WHERE ref = ? AND kind = 'title')",
			)
			.run(ref);
		this.#forget("ref = ?", ref);
		this.#database.exec("INSERT INTO words(words) VALUES ('optimize')");
		this.#database.pragma("wal_checkpoint(TRUNCATE)");
	}

	close(): void {
		this.#database.close();
	}

	#progress(stream: string): number {
		return (
			this.#database.prepare<[string], number>("SELECT seq FROM progress WHERE stream = ?").pluck().get(stream) ?? 0
		);
	}

	#add({ session, step, run, where, at, offsetMs, text, ref }: Passage): void {
		if (text.trim() === "") return;
		const { lastInsertRowid } = this.#database
			.prepare("INSERT INTO passages (session, step, run, kind, at, offset_ms, ref) VALUES (?, ?, ?, ?, ?, ?, ?)")
			.run(session, step, run, where, at, offsetMs === null ? null : Math.round(offsetMs), ref);
		this.#database.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)").run(lastInsertRowid, text);
	}

	#forget(condition: string, value: string): void {
		this.#database.transaction(() => {
			const ids = this.#database.prepare(`SELECT id FROM passages WHERE ${condition}`).pluck().all(value);
			for (const id of ids) {
				this.#database.prepare("DELETE FROM words WHERE rowid = ?").run(id);
				this.#database.prepare("DELETE FROM passages WHERE id = ?").run(id);
			}
		})();
	}

	/** What an event says, each text whole and as it was given. */
	#passagesOf(event: JoinedEvent): Passage[] {
		const parsed = sessionEventSchema.safeParse({ type: event.type, data: event.data });
		if (!parsed.success) return [];
		const { type, data } = parsed.data;
		const passage = (where: Passage["where"], content: Content | undefined, more: Partial<Passage> = {}): Passage => ({
			session: event.stream,
			step: null,
			run: null,
			where,
			at: event.at,
			offsetMs: null,
			text: content?.content ?? "",
			ref: content?.ref ?? null,
			...more,
		});
		switch (type) {
			case "session.opened":
				this.#database
					.prepare("INSERT INTO sessions VALUES (?, ?) ON CONFLICT DO UPDATE SET title = excluded.title")
					.run(event.stream, plainText(data.title.content ?? ""));
				return [passage("title", data.title), passage("title", data.ticket)];
			case "session.closed":
				return [passage("note", data.summary)];
			case "note.added":
				return [passage("note", data.text, { step: data.step ?? null, run: data.run ?? null })];
			case "step.skipped":
				return [passage("note", data.reason, { step: data.step })];
			case "step.edited":
				return [passage("note", data.reason, { step: data.step })];
			case "run.started":
				this.#database
					.prepare("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)")
					.run(data.run, event.stream, data.step, event.at);
				return commandsOf(data.plan, data.step).map((text) =>
					passage("command", data.plan, { step: data.step, run: data.run, text }),
				);
			case "run.finished": {
				// From here on it is known what was really sent: with the values that only the run could know, and no more than that.
				const sent = data.outcome === "skipped" ? [] : sentCommands(data.commands);
				if (sent === null) return [];
				const began = this.#database
					.prepare<[string], string>("SELECT at FROM passages WHERE run = ? AND kind = 'command'")
					.pluck()
					.get(data.run);
				this.#forget("run = ? AND kind = 'command'", data.run);
				const { step, run } = data;
				return sent.map((text) => passage("command", data.commands, { step, run, at: began ?? event.at, text }));
			}
			case "value.set":
				return data.value?.content === undefined
					? []
					: [passage("value", data.value, { text: `${data.name} = ${valueText(data.value.content)}` })];
			default:
				return [];
		}
	}
}

interface HitRow {
	session: string;
	title: string;
	step: string | null;
	run: string | null;
	kind: SearchHit["where"];
	at: string;
	offsetMs: number | null;
	marked: string;
}

function commandsOf(plan: Content, step: string): string[] {
	const steps = recordedPlan(plan)?.steps ?? [];
	return steps.filter((part) => part.step === step).flatMap(({ commands }) => commands.map(({ text }) => text));
}

/** What was sent of a run, each text once; null when its end does not tell. */
function sentCommands(commands: Content | undefined): string[] | null {
	const entries = recordedCommands(commands);
	return entries && [...new Set(entries.filter(({ state }) => state !== "not-sent").map(({ text }) => text))];
}

/** A recorded value as it is used: a text as it is, anything else as JSON. */
function valueText(json: string): string {
	try {
		const value: unknown = JSON.parse(json);
		return typeof value === "string" ? value : json;
	} catch {
		return json;
	}
}

/** A query in the index's own language, in which every character a person types is a plain one; null when it has no word. */
function matchOf(query: string): string | null {
	const phrases = query.match(/"[^"]*"|[^\s"]+/g) ?? [];
	const terms = phrases
		.filter((phrase) => /[\p{L}\p{N}]/u.test(phrase))
		.map((phrase) => (phrase.startsWith('"') ? phrase : `"${phrase}"*`));
	// A word that is said twice is looked for once.
	return terms.length === 0 ? null : [...new Set(terms)].slice(0, maxTerms).join(" ").replaceAll("\0", "");
}
