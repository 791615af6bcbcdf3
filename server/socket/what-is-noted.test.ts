import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { httpRoutes } from "../../core/protocol.ts";
import type { Attachment } from "../../core/session-event.ts";
import { startQuietServer } from "../../test/support/quiet-server.ts";
import { connectPage, type PageConnection, signInByLink } from "../../test/support/server-process.ts";
import type { RunningServer } from "../main.ts";

let folder: string;
let server: RunningServer;
let ann: PageConnection;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "noted-"));
	mkdirSync(join(folder, "books"));
	const fence = "```";
	writeFileSync(
		join(folder, "books", "asked.md"),
		`# Asked\n\n${fence}manual {"name":"ask"}\n- [ ] looked\n${fence}\n`,
	);
	mkdirSync(join(folder, "copied"));
	copyFileSync(join(folder, "books", "asked.md"), join(folder, "copied", "asked.md"));
	writeFileSync(join(folder, "runledger.yaml"), "runbooks: [books, copied]\n");
	server = await startQuietServer(folder);
	ann = await connectPage(server.url, await signInByLink(server.url, server.signIn(), "Ann"));
});

afterAll(async () => {
	ann.close();
	await server.stop("test");
	rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<string> {
	const { session } = await ann.request("session.open", { path: "books/asked.md", kind: "change", values: {} });
	return session;
}

const typesOf = (session: string) => server.engine.sessions.events(session, 0, 5_000).map(({ type }) => type);

test("who only reads a session changes nothing in it", async () => {
	const session = await open();
	const cy = await connectPage(server.url, await signInByLink(server.url, server.signIn(), "Cy"));
	await cy.request("session.watch", { session, as: "reader" });
	const before = typesOf(session).length;
	const note = { session, text: "I was never here", attachments: [] };
	await expect(cy.request("note.add", note)).rejects.toThrow("not-joined");
	await expect(cy.request("session.take-baton", { session })).rejects.toThrow("not-joined");
	await expect(cy.request("session.close", { session, outcome: "resolved", summary: "" })).rejects.toThrow(
		"not-driver",
	);
	expect(typesOf(session)).toHaveLength(before);
	await cy.request("session.watch", { session });
	await cy.request("note.add", note);
	expect(typesOf(session).at(-1)).toBe("note.added");
	cy.close();
});

test("what is not there is not verified as whole", async () => {
	await expect(ann.request("record.verify", { session: "no such" })).rejects.toThrow("session-unknown");
	expect(await ann.request("record.verify", { session: await open() })).toMatchObject({ ok: true });
});

test("a session's problems name the file that it was opened on, also when another has the same bytes", async () => {
	for (const folderName of ["books", "copied"]) {
		const path = `${folderName}/asked.md`;
		const opened = () => ann.request("session.open", { path, kind: "change", values: {} }).catch(() => null);
		await expect.poll(opened, { timeout: 20_000 }).not.toBeNull();
		const session = (await opened())?.session ?? "";
		const { runbook } = await ann.request("session.watch", { session });
		expect(runbook.steps.map(({ place }) => place.file)).toEqual([path]);
		expect(runbook.path).toBe(path);
	}
});

test("only what was uploaded is attached, as the bytes that it is, and the record stays whole", async () => {
	const session = await open();
	const uploaded = await fetch(new URL(httpRoutes.attachments, server.url), {
		method: "POST",
		headers: { cookie: ann.cookie, origin: server.url },
		body: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 7]),
	});
	const picture = (await uploaded.json()) as Attachment;
	const { plan, confirmation } = await ann.request("plan.read", { session, unit: "ask" });
	const asked = await ann.request("run.request", { session, unit: "ask", planDigest: plan.digest, confirmation });
	const waiting = asked.runs[0] ?? "";
	const answered = (attachments: unknown[]) =>
		ann.request("run.answer", { session, run: waiting, answers: { checked: [true] }, attachments } as never);
	const noted = (attachments: unknown[], on: object = {}) =>
		ann.request("note.add", { session, text: "see", attachments, ...on } as never);
	const said = () => typesOf(session).filter((type) => type === "note.added" || type === "run.answered");
	await expect.poll(() => server.engine.sessions.state(session).runs[waiting]?.status).toBe("started");
	for (const say of [noted, answered]) {
		for (const wrong of [{ sha256: "d".repeat(64) }, { bytes: 10 }, { bytes: 0 }, { mediaType: "image/gif" }]) {
			await expect(say([picture, { ...picture, ...wrong }]), JSON.stringify(wrong)).rejects.toThrow(
				"attachment-unknown",
			);
		}
		for (const bytes of [-1, 0.1, 1e300]) {
			await expect(say([{ ...picture, bytes }]), String(bytes)).rejects.toThrow("bad-request");
		}
	}
	await expect(noted([], { step: "nowhere" })).rejects.toThrow("step-unknown");
	await expect(noted([], { run: "r1" })).rejects.toThrow("run-unknown");
	expect(said()).toEqual([]);
	await noted([picture], { step: "ask", run: waiting });
	await expect.poll(() => answered([picture]).catch((error: unknown) => String(error))).toHaveProperty("seq");
	expect(await ann.request("record.verify", {})).toMatchObject({ ok: true, reason: null });
});
