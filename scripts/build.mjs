import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bin, root, run } from "./stage.mjs";

/** Everything that the built page is made of. */
const pageSources = ["client", "core", "steps", "package-lock.json"];
const stamp = join(root, "dist", "client-app.stamp");

/** A digest of names, sizes and times: the page is built anew only when one of them has changed. */
function digestOf(paths) {
	const hash = createHash("sha256");
	const walk = (path) => {
		const stat = statSync(path, { throwIfNoEntry: false });
		if (!stat) return;
		if (stat.isDirectory()) for (const name of readdirSync(path).sort()) walk(join(path, name));
		else hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
	};
	for (const path of paths) walk(join(root, path));
	return hash.digest("hex");
}

let isSaid = false;

/** One line, before the long silence; beside the output, which belongs to what is run afterwards. */
function sayBuilding() {
	if (!isSaid) process.stderr.write("Building; the first time takes a minute.\n");
	isSaid = true;
}

/** Compiles the server's half; gives the exit code. What is up to date takes a second. */
export async function buildServer() {
	const cli = join(root, "dist", "server", "cli.js");
	if (!existsSync(cli)) sayBuilding();
	const code = await run(bin("tsc"), ["-b", "server"]);
	if (existsSync(cli)) chmodSync(cli, 0o755);
	return code;
}

/** Bundles the page unless nothing that it is made of has changed; gives the exit code. */
export async function buildPage() {
	const digest = digestOf(pageSources);
	const isBuilt = existsSync(join(root, "dist", "client-app", "index.html"));
	if (isBuilt && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return 0;
	sayBuilding();
	const code = await run(bin("vite"), ["build", "client", "--logLevel", "warn"]);
	if (code === 0) {
		mkdirSync(join(root, "dist"), { recursive: true });
		writeFileSync(stamp, digest);
	}
	return code;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	process.exitCode = (await buildServer()) || (await buildPage());
}
