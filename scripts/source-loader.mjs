// Lets a process that is started from a checkout run the TypeScript sources as they are, on Node 20 too.
// What is built and shipped needs none of this.

import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

if (isMainThread) register(import.meta.url);

let transform;

export async function load(url, context, nextLoad) {
	if (!url.startsWith("file:") || !url.endsWith(".ts")) return nextLoad(url, context);
	transform ??= (await import("vite")).transformWithOxc;
	const file = fileURLToPath(url);
	const { code } = await transform(await readFile(file, "utf8"), file, { sourcemap: false });
	return { format: "module", source: code, shortCircuit: true };
}
