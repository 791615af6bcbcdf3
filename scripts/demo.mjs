import { buildPage, buildServer } from "./build.mjs";
import { root, run } from "./stage.mjs";

// Builds what is not built, then hands over: `npm run demo -- --check`.
const code = (await buildServer()) || (await buildPage());
process.exitCode =
	code || (await run(process.execPath, [`${root}dist/server/cli.js`, "demo", ...process.argv.slice(2)]));
