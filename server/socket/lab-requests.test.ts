import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RequestArgument } from "../../core/protocol.ts";
import { serverStream } from "../../core/session-event.ts";
import { openSampleFolder, sampleActor, sampleOrigin } from "../../test/support/sample-record.ts";
import { openServerJournal } from "../access/server-journal.ts";
import { processLabs } from "../process-labs.ts";
import type { DataFolder } from "../records/data-folder.ts";
import { type LabNames, labRequests } from "./lab-requests.ts";
import type { PageContext } from "./request-context.ts";

let root: string;
let data: DataFolder;
let changes = 0;
const page = { caller: { identity: { ...sampleActor, name: "tina" }, origin: sampleOrigin } } as PageContext;

/** What the page's door does with a request, with the programs of `path`. */
function asking(path: string) {
	const handlers = labRequests({
		labs: processLabs({ dataFolder: root, path, now: () => new Date(), refuseName: () => {} }),
		journal: openServerJournal(data.events),
		changed: () => void changes++,
		watched: () => () => {},
	});
	return async <N extends LabNames>(name: N, argument: RequestArgument<N>) => handlers[name](argument, page);
}

/** What the server's stream says was done to labs, in order: lab, change and detail. */
function recorded(): [string, string, string | undefined][] {
	return [...data.events.read(serverStream)].flatMap((event) => {
		if (event.type !== "lab.changed") return [];
		const { lab, change, detail } = event.data as { lab: string; change: string; detail: { content?: string } };
		return [[lab, change, detail.content]];
	});
}

beforeAll(async () => {
	root = mkdtempSync(join(tmpdir(), "runledger-lab-requests-"));
	data = await openSampleFolder(root);
});

afterAll(async () => {
	await asking(process.env.PATH ?? "")("lab.down", { name: "orders" }).catch(() => {});
	await data.close();
	rmSync(root, { recursive: true, force: true });
});

test("a lab whose program ends at once is refused with what it said last, and leaves nothing behind", async () => {
	const programs = join(root, "programs");
	mkdirSync(programs);
	for (const name of ["redis-server", "redis-sentinel"]) {
		writeFileSync(join(programs, name), "#!/bin/sh\necho 'Fatal: no luck today'\nexit 1\n");
		chmodSync(join(programs, name), 0o755);
	}
	await expect(
		asking([programs, process.env.PATH].join(delimiter))("lab.up", { kind: "redis-sentinel", name: "orders" }),
	).rejects.toMatchObject({
		problem: { code: "lab-start-failed", detail: expect.stringMatching(/ended by itself.*Fatal: no luck today/) },
	});
	expect(existsSync(join(root, "labs")) ? readdirSync(join(root, "labs")) : []).toEqual([]);
}, 20_000);

test("a fault is injected, extended and healed from the page, each recorded before it is done; what is no node of the lab is refused", async () => {
	const ask = asking(process.env.PATH ?? "");
	await ask("lab.up", { kind: "redis-sentinel", name: "orders" });
	const { healsAt } = await ask("lab.fault", { name: "orders", fault: "freeze", node: "cache-3", seconds: 30 });
	const later = await ask("lab.extend", { name: "orders", node: "cache-3", seconds: 90 });
	expect(Date.parse(later.healsAt) - Date.parse(healsAt)).toBeGreaterThan(55_000);
	const { labs } = await ask("lab.list", {});
	expect(labs[0]?.nodes.find((node) => node.name === "cache-3")).toMatchObject({
		state: "frozen",
		fault: { kind: "freeze", healsAt: later.healsAt },
	});
	await expect(ask("lab.extend", { name: "orders", node: "cache-1", seconds: 9 })).rejects.toMatchObject({
		problem: { code: "bad-request", detail: "cache-1 has no fault." },
	});
	await expect(ask("lab.fault", { name: "orders", fault: "kill", node: "init" })).rejects.toMatchObject({
		problem: { code: "lab-node-unknown" },
	});
	await expect(ask("lab.fault", { name: "payments", fault: "kill", node: "cache-1" })).rejects.toMatchObject({
		problem: { code: "lab-unknown" },
	});
	const before = changes;
	await ask("lab.heal", { name: "orders" });
	await ask("lab.down", { name: "orders" });
	expect(changes).toBe(before + 2);
	expect(recorded()).toEqual([
		["orders", "up", "redis-sentinel"],
		["orders", "up", "redis-sentinel"],
		["orders", "fault freeze", "cache-3"],
		["orders", "fault extended", "cache-3"],
		["orders", "fault extended", "cache-1"],
		["orders", "fault kill", "init"],
		["payments", "fault kill", "cache-1"],
		["orders", "heal", ""],
		["orders", "down", ""],
	]);
}, 30_000);
