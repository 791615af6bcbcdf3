import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";
import { buildServer } from "./build.mjs";
import { bin, root } from "./stage.mjs";

/*
 * `npm run dev -- [options of serve]`: the compiler watches, the server starts anew when its code has changed, and Vite serves
 * the page with reload on its own port, handing everything else to the server. Sign-ins survive each restart.
 */
const port = 4180;
const code = await buildServer();
if (code !== 0) process.exit(code);

const children = new Set();
const watchers = [];
let server = null;
let isEnding = false;

function start(file, args) {
	const child = spawn(file, args, { cwd: root, stdio: "inherit" });
	children.add(child);
	child.on("exit", () => children.delete(child));
	return child;
}

function serve() {
	server = start(process.execPath, [
		join(root, "dist/server/cli.js"),
		"serve",
		"--port",
		String(port),
		...process.argv.slice(2),
	]);
}

function end() {
	if (isEnding) return;
	isEnding = true;
	for (const child of children) child.kill("SIGTERM");
	for (const watcher of watchers) watcher.close();
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);

start(bin("tsc"), ["-b", "--watch", "--preserveWatchOutput", "server"]);
start(bin("vite"), ["client"]);
console.log(`The page with reload: http://127.0.0.1:5173/. Open the sign-in link there: 5173 in place of ${port}.`);
serve();

let pending = null;
for (const room of ["core", "targets", "steps", "lab", "server"]) {
	const watcher = watch(join(root, "dist", room), { recursive: true }, (_event, name) => {
		if (isEnding || !String(name).endsWith(".js")) return;
		clearTimeout(pending);
		// The compiler writes many files: once it has been quiet for a moment.
		pending = setTimeout(() => {
			const old = server;
			if (old.exitCode !== null || old.signalCode !== null) return serve();
			old.once("exit", () => isEnding || serve());
			old.kill("SIGTERM");
		}, 300);
	});
	watchers.push(watcher);
}
