import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildServer } from "./build.mjs";
import { bin, root, run } from "./stage.mjs";

// `npm run bench -- NAME [arguments]`: builds, then calls `run(arguments)` of bench/NAME.ts.
const [name, ...args] = process.argv.slice(2);
const names = readdirSync(join(root, "bench"))
	.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".d.ts"))
	.map((file) => file.slice(0, -3));
if (name === undefined || !names.includes(name)) {
	console.error(`npm run bench -- NAME [arguments]; the names are ${names.join(", ")}.`);
	process.exit(2);
}
const project = existsSync(join(root, "bench", "tsconfig.json")) ? "bench" : null;
const code = (await buildServer()) || (project ? await run(bin("tsc"), ["-b", project]) : 0);
if (code !== 0) process.exit(code);
const built = await import(pathToFileURL(join(root, "dist", "bench", `${name}.js`)).href);
const result = await built.run(args);
// A benchmark says whether its bounds held.
process.exitCode = result === false ? 1 : 0;
