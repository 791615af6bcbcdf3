import { closeSync, openSync, writeSync } from "node:fs";
import * as nodePty from "node-pty";

// The floor: bare node-pty whose output goes into a file, in a process of its own. Arguments: the file, the script.
const [file, script] = process.argv.slice(2);
const out = openSync(file!, "w");
let bytes = 0;
const begin = performance.now();
const pty = nodePty.spawn("bash", ["-c", script!], { cols: 120, rows: 40, encoding: null });
pty.onData((data) => {
	bytes += writeSync(out, data as unknown as Uint8Array);
});
pty.onExit(() => {
	closeSync(out);
	process.send!({ bytes, ms: performance.now() - begin });
	process.disconnect();
});
