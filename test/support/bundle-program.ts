import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "vite";

const root = new URL("../..", import.meta.url).pathname;

/**
 * Makes one JavaScript file of a TypeScript program and all of ours that it imports, so that Node can run it in a process
 * of its own without a build. Gives its path, inside the project so that packages are found.
 */
export async function bundleProgram(entry: string): Promise<string> {
	const folder = join(root, "node_modules/.cache/runledger-programs", `${basename(entry, ".ts")}-${process.pid}`);
	mkdirSync(folder, { recursive: true });
	await build({
		configFile: false,
		root,
		logLevel: "silent",
		build: {
			ssr: entry,
			outDir: folder,
			emptyOutDir: true,
			copyPublicDir: false,
			rollupOptions: { output: { entryFileNames: "program.mjs", format: "es" } },
		},
	});
	return join(folder, "program.mjs");
}
