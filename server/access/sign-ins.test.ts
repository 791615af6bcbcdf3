import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { linkLifeMs, openSignIns, signInLifeMs } from "./sign-ins.ts";

let folder: string;
let now: number;
let mono: number;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "sign-ins-"));
	now = Date.parse("2026-01-01T00:00:00Z");
	mono = 5_000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () =>
	openSignIns(
		folder,
		() => now,
		() => mono,
	);

test("a link works until it is ten minutes old, and not a moment longer", () => {
	const signIns = open();
	const token = signIns.issueLink();
	mono += linkLifeMs - 1;
	expect(signIns.linkWorks(token)).toBe(true);
	mono += 1;
	expect(signIns.linkWorks(token)).toBe(false);
	// Setting the clock back gives it no second life.
	now -= linkLifeMs;
	expect(signIns.linkWorks(token)).toBe(false);
	expect(() => signIns.consume(token, "Ann", undefined)).toThrow("used or is older");
	expect(linkLifeMs).toBe(600_000);
});

test("a link works once, also when the sign-in could not be kept", () => {
	const signIns = open();
	const token = signIns.issueLink();
	// A name that can't be spends nothing: the person tries again.
	expect(() => signIns.consume(token, " ", undefined)).toThrow("visible characters");
	signIns.consume(token, "Ann", undefined);
	expect(signIns.linkWorks(token)).toBe(false);
	expect(() => signIns.consume(token, "Ann", undefined)).toThrow("used or is older");

	const other = signIns.issueLink();
	rmSync(folder, { recursive: true });
	expect(() => signIns.consume(other, "Ann", undefined)).toThrow("can't be written");
	expect(signIns.linkWorks(other)).toBe(false);
});

test("a token or a cookie that was never given opens nothing, however it looks", () => {
	const signIns = open();
	const token = signIns.issueLink();
	const { cookie, identity } = signIns.consume(token, "Ann", undefined);
	for (const forged of [
		"",
		"x",
		token,
		identity.signIn,
		cookie.slice(0, -1),
		`${cookie}x`,
		"__proto__",
		"A".repeat(5_000),
	]) {
		expect(signIns.identify(forged)).toBeNull();
		expect(signIns.linkWorks(forged)).toBe(false);
	}
	expect(signIns.identify(undefined)).toBeNull();
	// What the folder's file holds is no cookie either.
	const kept = JSON.parse(readFileSync(join(folder, "access.json"), "utf8")) as { signIns: { hash: string }[] };
	expect(signIns.identify(kept.signIns[0]?.hash)).toBeNull();
	expect(signIns.identify(cookie)).toEqual(identity);
});

test("a sign-in ends after its time, also in the file of a server that was away", () => {
	const signIns = open();
	const { cookie } = signIns.consume(signIns.issueLink(), "Ann", undefined);
	expect(open().identify(cookie)?.name).toBe("Ann");
	now += signInLifeMs;
	expect(signIns.identify(cookie)).toBeNull();
	expect(open().identify(cookie)).toBeNull();
});

test("whoever follows hears once of each sign-in whose time is over, also when the clock is set back", () => {
	const signIns = open();
	const { cookie, identity } = signIns.consume(signIns.issueLink(), "Ann", undefined);
	const ended: string[] = [];
	signIns.followEnded((signIn) => ended.push(signIn));
	now += signInLifeMs - 1;
	signIns.endExpired();
	expect(ended).toEqual([]);
	expect(signIns.isLive(identity.signIn)).toBe(true);
	now += 1;
	expect(signIns.isLive(identity.signIn)).toBe(false);
	signIns.endExpired();
	signIns.endExpired();
	expect(ended).toEqual([identity.signIn]);
	now -= signInLifeMs;
	expect(signIns.identify(cookie)).toBeNull();
});

test("links and sign-ins are bounded: the oldest gives way, and whoever follows hears of it", () => {
	const signIns = open();
	const first = signIns.issueLink();
	for (let i = 0; i < 100; i++) signIns.issueLink();
	expect(signIns.linkWorks(first)).toBe(false);

	const ended: string[] = [];
	signIns.followEnded((signIn) => ended.push(signIn));
	const given = Array.from({ length: 51 }, () => signIns.consume(signIns.issueLink(), "Ann", undefined));
	expect(ended).toEqual([given[0]?.identity.signIn]);
	expect(signIns.identify(given[0]?.cookie)).toBeNull();
	expect(signIns.identify(given[50]?.cookie)?.name).toBe("Ann");
});

test("the file is its owner's alone, and holds neither tokens nor cookies", () => {
	const signIns = open();
	const token = signIns.issueLink();
	const { cookie } = signIns.consume(token, "Ann", undefined);
	const text = readFileSync(join(folder, "access.json"), "utf8");
	expect(text).not.toContain(token);
	expect(text).not.toContain(cookie);
	expect(statSync(join(folder, "access.json")).mode & 0o777).toBe(0o600);
});

test("a file that can't be read lets nobody in and says what to do", () => {
	writeFileSync(join(folder, "access.json"), '{"v":1,"signIns":"everybody"}');
	expect(open).toThrow("can't be read");
});
