import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createReadSecret } from "../../server/config-secrets.ts";
import { openTestLab, type TestLab } from "../support/open-lab.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";
import { redisNode } from "../support/redis-node.ts";
import { type Walk, walkRunbook } from "../support/walk-runbook.ts";

const run = promisify(execFile);
let lab: TestLab;
let bench: TestSessions;
let folder: string;
/** One backup that was taken and verified; each test damages a copy of it. */
let taken: Walk;
let backup: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "runledger-backup-"));
	lab = await openTestLab();
	bench = await openTestSessions({ targets: [lab.target], timeoutMs: 60_000 });
});

afterAll(async () => {
	await bench?.close();
	await lab?.down();
	await rm(folder, { recursive: true, force: true });
});

const values = (backups = folder) => ({ cluster: "orders", backup_folder: backups });

it("takes a backup in both formats and finds each whole, from start to finish, while the set is written to", async () => {
	const master = redisNode(lab, "cache-1");
	await master.call("SET", "expires", "soon", "EX", "60");
	let writing = true;
	const writer = (async () => {
		for (let n = 0; writing; n++) await master.call("SET", `written:${n}`, String(n));
	})();
	taken = await walkRunbook(bench, "redis/backup-restore.md", values());
	const failed = await taken.through();
	writing = false;
	await writer;
	expect([failed, taken.ends[failed ?? ""]?.says]).toEqual([null, undefined]);
	expect(Object.entries(taken.ends).map(([step, { outcome }]) => `${step} ${outcome}`)).toEqual(
		["source", "last-snapshot", "snapshot", "snapshot-is-written", "take-the-backup", "verify-rdb", "verify-aof"].map(
			(step) => `${step} succeeded`,
		),
	);
	const [name = ""] = await readdir(folder);
	backup = join(folder, name);
	expect(name).toMatch(/^orders-\d{8}T\d{6}Z$/);
	const counts = await readFile(join(backup, "counts"), "utf8");
	expect(Number(/^db0 (\d+)$/m.exec(counts)?.[1])).toBeGreaterThanOrEqual(1_000);
	expect(await readFile(join(backup, "digest"), "utf8")).toMatch(/^[0-9a-f]{40}\n$/);
	// The master was not touched: no snapshot of its own, and it is master still.
	expect(await master.info("rdb_saves")).toBe("0");
	expect(await master.info("role")).toBe("master");
});

/** Damages a copy of the backup, where the session looks for it, and runs one verification. */
async function verifyDamaged(
	step: "verify-rdb" | "verify-aof",
	damage: (at: string) => Promise<unknown>,
	sums: "as they were" | "of the damage",
) {
	const kept = `${backup}.kept`;
	await run("cp", ["-a", backup, kept]);
	try {
		await damage(backup);
		if (sums === "of the damage") {
			await run(
				"bash",
				["-c", "find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum > SHA256SUMS"],
				{ cwd: backup },
			);
		}
		return [await taken.run(step), taken.ends[step]?.says];
	} finally {
		await rm(backup, { recursive: true });
		await run("mv", [kept, backup]);
	}
}

async function flip(file: string, at: (size: number) => number): Promise<void> {
	const bytes = await readFile(file);
	const where = at(bytes.length);
	bytes[where] = (bytes[where] ?? 0) ^ 0x40;
	await writeFile(file, bytes);
}

const aofFile = async (at: string, kind: RegExp) => {
	const files = await readdir(join(at, "appendonlydir"));
	return join(at, "appendonlydir", files.find((name) => kind.test(name)) ?? "");
};

const rdbIsNot = "The RDB backup is not what was backed up: ";
const aofIsNot = "The AOF backup is not what was backed up: ";

it("finds a bit that has flipped in either file by its checksum", async () => {
	const differs = "a file is not the one that was written: its checksum differs";
	expect(
		await verifyDamaged("verify-rdb", (at) => flip(join(at, "dump.rdb"), (size) => size >> 1), "as they were"),
	).toEqual(["failed", rdbIsNot + differs]);
	expect(
		await verifyDamaged(
			"verify-aof",
			async (at) => flip(await aofFile(at, /base/), (size) => size >> 1),
			"as they were",
		),
	).toEqual(["failed", aofIsNot + differs]);
});

it("finds a file that was damaged before its checksum was taken: cut short, or a bit flipped", async () => {
	expect(await verifyDamaged("verify-rdb", (at) => truncate(join(at, "dump.rdb"), 5_000), "of the damage")).toEqual([
		"failed",
		`${rdbIsNot}redis-check-rdb finds dump.rdb damaged`,
	]);
	expect(
		await verifyDamaged("verify-rdb", (at) => flip(join(at, "dump.rdb"), (size) => size - 200), "of the damage"),
	).toEqual(["failed", `${rdbIsNot}redis-check-rdb finds dump.rdb damaged`]);
	expect(
		await verifyDamaged("verify-aof", async (at) => truncate(await aofFile(at, /base/), 5_000), "of the damage"),
	).toEqual(["failed", `${aofIsNot}redis-server does not load it`]);
	expect(
		await verifyDamaged(
			"verify-aof",
			// The last command is cut in the middle, as when a machine dies.
			async (at) => writeFile(await aofFile(at, /incr/), "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhal"),
			"of the damage",
		),
	).toEqual(["failed", `${aofIsNot}redis-server does not load it`]);
});

it("finds counts and digests that differ, and says which were wanted and which came", async () => {
	const counts = await readFile(join(backup, "counts"), "utf8");
	const digest = (await readFile(join(backup, "digest"), "utf8")).trim();
	const keys = Number(/^db0 (\d+)$/m.exec(counts)?.[1]);
	// One key more, well-formed, in a file that is whole in itself.
	const more = async (at: string) =>
		writeFile(
			await aofFile(at, /incr/),
			"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$3\r\nnew\r\n$1\r\n1\r\n",
		);
	expect(await verifyDamaged("verify-aof", more, "of the damage")).toEqual([
		"failed",
		`${aofIsNot}counts wanted: db0 ${keys} , came: db0 ${keys + 1} `.trimEnd(),
	]);
	// As many keys, one of them with another value.
	const other = async (at: string) =>
		writeFile(
			await aofFile(at, /incr/),
			"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$9\r\nsession:8\r\n$1\r\nx\r\n",
		);
	const [, says] = await verifyDamaged("verify-aof", other, "of the damage");
	expect(says).toMatch(new RegExp(`^${aofIsNot}digest wanted: ${digest} , came: [0-9a-f]{40}$`));
	expect(
		await verifyDamaged("verify-rdb", (at) => writeFile(join(at, "counts"), `db0 ${keys - 1}\n`), "of the damage"),
	).toEqual(["failed", `${rdbIsNot}counts wanted: db0 ${keys - 1} , came: db0 ${keys}`]);
});

it("takes no backup from a replica that does not follow, nor from one that can't write a snapshot", async () => {
	const begun = await walkRunbook(bench, "redis/backup-restore.md", values(join(folder, "none")));
	const { plan } = await bench.sessions.plan(begun.session, "source");
	const name = plan.steps[0]?.commands[0]?.node.name ?? "";
	const replica = redisNode(lab, name);
	await rm(join(lab.home, "orders", "nodes", name, "dump.rdb"), { force: true });
	await mkdir(join(lab.home, "orders", "nodes", name, "dump.rdb", "x"), { recursive: true });
	expect(await begun.through()).toBe("snapshot-is-written");
	expect(begun.ends["snapshot-is-written"]?.says).toBe(
		"The replica can't write a snapshot (rdb_last_bgsave_status is err): look at its log, and at the room on its disk.",
	);
	await replica.call("CONFIG", "SET", "masterauth", "wrong");
	await replica.call("CLIENT", "KILL", "TYPE", "master");
	await expect.poll(() => replica.info("master_link_status")).toBe("down");
	expect(await begun.through()).toBe("source");
	expect(begun.ends["source"]?.says).toBe(
		"This node is no replica that follows its master now, so it would give an old copy: its role is slave, its link down.",
	);
	expect(await readdir(folder)).not.toContain("none");
});

it("backs up a set with passwords, says so when it has none, and keeps them out of the record", async () => {
	const secured = await openTestLab("secured", { auth: true, keys: 50 });
	const sessions = await openTestSessions({ targets: [secured.target], readSecret: createReadSecret({}) });
	try {
		// As awkward as a password of redis.conf and of a shell can be.
		const core = "7f3-of-replication";
		const password = `-e "it's ${core}" \\n $HOME`;
		for (const node of ["cache-1", "cache-2", "cache-3"]) {
			await redisNode(secured, node).call("ACL", "SETUSER", "replication", `>${password}`);
		}
		const at = join(folder, "secured");
		const without = await walkRunbook(sessions, "redis/backup-restore.md", { cluster: "secured", backup_folder: at });
		expect(await without.through()).toBe("take-the-backup");
		expect(without.ends["take-the-backup"]?.says).toMatch(/^No backup was taken: the replica gives no copy: NOAUTH/);

		const user = { redis_user: "replication", redis_password: password };
		const given = { cluster: "secured", backup_folder: at, ...user };
		const begun = await walkRunbook(sessions, "redis/backup-restore.md", given);
		expect(await begun.through()).toBeNull();
		const record = JSON.stringify(sessions.folder.events.read(begun.session));
		expect(record).toContain("the AOF backup is whole");
		// However it might have been escaped.
		expect(record).not.toContain(core);
		for (const { run } of Object.values(sessions.sessions.state(begun.session).runs)) {
			const cast = await sessions.folder.recordings.read(begun.session, run);
			expect(new TextDecoder().decode(cast)).not.toContain(core);
		}
	} finally {
		await sessions.close();
		await secured.down();
	}
});

it("leaves no server behind, also when it fails", async () => {
	const marks = Object.keys(bench.sessions.state(taken.session).runs).map((run) => `RUNLEDGER_RUN=${run}`);
	expect(marks.length).toBeGreaterThan(12);
	for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
		const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
		expect(marks.filter((mark) => environment.includes(mark))).toEqual([]);
	}
});
