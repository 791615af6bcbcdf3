import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The checkout that these scripts stand in. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** A program of node_modules/.bin. */
export const bin = (name) => `${root}node_modules/.bin/${name}`;

/** Runs a program with this terminal; gives its exit code. */
export function run(file, args, options = {}) {
	return new Promise((resolve) => {
		const child = spawn(file, args, { cwd: root, stdio: "inherit", ...options });
		const pass = (signal) => child.kill(signal);
		const signals = ["SIGINT", "SIGTERM"];
		for (const signal of signals) process.on(signal, pass);
		child.on("error", (error) => {
			console.error(error.message);
			resolve(127);
		});
		child.on("exit", (code, signal) => {
			for (const name of signals) process.off(name, pass);
			resolve(code ?? (signal === "SIGINT" ? 130 : 1));
		});
	});
}

/** Seconds with one decimal, for people. */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
