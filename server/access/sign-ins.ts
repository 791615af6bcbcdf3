import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Identity } from "../../core/access.ts";
import { ProblemError } from "../../core/problem.ts";
import { writeDurably } from "./durable-file.ts";

/** How long a sign-in link works, in milliseconds. */
export const linkLifeMs = 10 * 60_000;
/** How long a sign-in lasts, in milliseconds. */
export const signInLifeMs = 14 * 86_400_000;
/** More links than this are not kept: the oldest goes. */
const mostLinks = 100;
/** More sign-ins of one person than this are not kept: the oldest ends. */
const mostSignIns = 50;

const fileSchema = z.object({
	v: z.literal(1),
	/** Tells this data folder's cookie from another server's on the same host: cookies know no ports. */
	server: z.string(),
	people: z.array(z.object({ id: z.string(), name: z.string(), issuer: z.string() })),
	signIns: z.array(z.object({ id: z.string(), hash: z.string(), person: z.string(), expires: z.number() })),
});
type AccessFile = z.infer<typeof fileSchema>;

/**
 * Who may come in: one-time links, sign-ins, and the people behind them.
 * People and sign-ins are in `<data>/access.json`, tokens only as SHA-256; links are in memory and die with the server.
 */
export interface SignIns {
	/** The name of this server's cookie. */
	readonly cookieName: string;
	/** A fresh one-time token. */
	issueLink(): string;
	/** Whether a link would still work; consumes nothing. */
	linkWorks(token: string): boolean;
	/** Consumes the link and gives a new sign-in; the one of `previousCookie` ends. Throws `sign-in-expired`, `bad-request`. */
	consume(token: string, name: string, previousCookie: string | undefined): { identity: Identity; cookie: string };
	/** Who holds this cookie; null when nobody does any more. */
	identify(cookie: string | undefined): Identity | null;
	/** The person of this name; made when there is none. For the command line, which needs no cookie. */
	personOf(name: string, issuer: string, signIn: string): Identity;
	/** The name of a person, or null when it is not known. */
	nameOf(person: string): string | null;
	/** Whether a sign-in has neither been ended nor outlived its time. */
	isLive(signIn: string): boolean;
	/** Ends a sign-in and tells whoever follows. */
	end(signIn: string): void;
	/** Ends the sign-ins whose time is over and tells whoever follows. To be called again and again, at least once a second. */
	endExpired(): void;
	/** Calls back with the id of each sign-in that ends. */
	followEnded(listener: (signIn: string) => void): () => void;
}

/**
 * Opens the sign-ins of a data folder. `now` in Unix milliseconds; `monotonicMs` never goes back: a link's ten minutes are
 * ten minutes, whatever somebody does to the clock.
 */
export function openSignIns(dataFolder: string, now: () => number, monotonicMs: () => number): SignIns {
	mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
	const path = join(dataFolder, "access.json");
	let file = readAccessFile(path);
	const links = new Map<string, number>();
	const listeners = new Set<(signIn: string) => void>();

	function save(next: AccessFile): void {
		try {
			writeDurably(path, `${JSON.stringify(next, null, "\t")}\n`);
		} catch (error) {
			throw new ProblemError(
				"record-unwritable",
				`Sign-ins can't be written (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`,
			);
		}
		file = next;
	}

	function withPerson(from: AccessFile, name: string, issuer: string): { next: AccessFile; person: string } {
		const known = from.people.find((p) => p.name === name && p.issuer === issuer);
		if (known) return { next: from, person: known.id };
		const person = `p-${randomBytes(9).toString("base64url")}`;
		return { next: { ...from, people: [...from.people, { id: person, name, issuer }] }, person };
	}

	function identityOf(person: string, signIn: string): Identity | null {
		const known = file.people.find((p) => p.id === person);
		if (!known) return null;
		return {
			id: known.id,
			name: known.name,
			issuer: known.issuer,
			roles: ["responder"],
			signIn,
			assurance: "self-declared",
		};
	}

	function end(signIn: string): void {
		if (!file.signIns.some((s) => s.id === signIn)) return;
		save({ ...file, signIns: file.signIns.filter((s) => s.id !== signIn) });
		for (const listener of listeners) listener(signIn);
	}

	function linkWorks(token: string): boolean {
		const expires = links.get(hashOf(token));
		return expires !== undefined && expires > monotonicMs();
	}

	return {
		cookieName: `runledger-${file.server}`,
		issueLink() {
			for (const [hash, expires] of links) if (expires <= monotonicMs()) links.delete(hash);
			const oldest = links.keys().next().value;
			if (links.size >= mostLinks && oldest !== undefined) links.delete(oldest);
			const token = randomBytes(32).toString("base64url");
			links.set(hashOf(token), monotonicMs() + linkLifeMs);
			return token;
		},
		linkWorks,
		consume(token, rawName, previousCookie) {
			const name = readName(rawName);
			if (!linkWorks(token)) throw new ProblemError("sign-in-expired");
			const cookie = randomBytes(32).toString("base64url");
			const id = `s-${randomBytes(9).toString("base64url")}`;
			const { next, person } = withPerson(file, name, "runledger");
			const previous = previousCookie === undefined ? undefined : findSignIn(next, previousCookie, now());
			const alive = next.signIns.filter((s) => s.expires > now() && s.id !== previous?.id);
			const ofPerson = alive.filter((s) => s.person === person);
			const crowded = new Set(ofPerson.slice(0, Math.max(0, ofPerson.length + 1 - mostSignIns)).map((s) => s.id));
			const signIn = { id, hash: hashOf(cookie), person, expires: now() + signInLifeMs };
			// The link is spent before the sign-in exists: a failure in between costs a link, never gives two sign-ins.
			links.delete(hashOf(token));
			save({ ...next, signIns: [...alive.filter((s) => !crowded.has(s.id)), signIn] });
			for (const ended of [...crowded, ...(previous ? [previous.id] : [])]) {
				for (const listener of listeners) listener(ended);
			}
			return { identity: identityOf(person, id)!, cookie };
		},
		identify(cookie) {
			if (cookie === undefined || cookie.length > 100) return null;
			const signIn = findSignIn(file, cookie, now());
			return signIn ? identityOf(signIn.person, signIn.id) : null;
		},
		personOf(rawName, issuer, signIn) {
			const { next, person } = withPerson(file, readName(rawName), issuer);
			if (next !== file) save(next);
			return identityOf(person, signIn)!;
		},
		nameOf: (person) => file.people.find((p) => p.id === person)?.name ?? null,
		isLive: (signIn) => file.signIns.some((s) => s.id === signIn && s.expires > now()),
		end,
		endExpired() {
			const over = file.signIns.filter((s) => s.expires <= now());
			if (over.length === 0) return;
			// Not written: on the disk each has its time beside it, and the next write leaves them out.
			file = { ...file, signIns: file.signIns.filter((s) => !over.includes(s)) };
			for (const { id } of over) for (const listener of listeners) listener(id);
		},
		followEnded(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

function findSignIn(file: AccessFile, cookie: string, now: number): AccessFile["signIns"][number] | undefined {
	const hash = hashOf(cookie);
	return file.signIns.find((s) => s.hash === hash && s.expires > now);
}

function hashOf(token: string): string {
	return createHash("sha256").update(token).digest("hex");
}

/** A name that a person gave: one to 80 visible characters. Throws `bad-request`. */
function readName(text: string): string {
	const name = text.normalize("NFC").trim().replace(/\s+/gu, " ");
	if (name.length === 0 || name.length > 80 || /[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/u.test(name)) {
		throw new ProblemError("bad-request", "A name has 1 to 80 visible characters.", { data: { field: "name" } });
	}
	return name;
}

function readAccessFile(path: string): AccessFile {
	if (!existsSync(path)) return { v: 1, server: randomBytes(6).toString("hex"), people: [], signIns: [] };
	try {
		return fileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
	} catch {
		throw new ProblemError("config-invalid", `\`${path}\` can't be read.`, {
			next: "Move it away: everybody signs in anew, and the record stays as it is.",
		});
	}
}
