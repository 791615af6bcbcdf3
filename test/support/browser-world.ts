import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Browser, BrowserContextOptions, Page } from "@playwright/test";
import type { LabStatus, ProbeResult } from "../../core/lab.ts";
import { httpRoutes } from "../../core/protocol.ts";
import { labProbeCheck, labProbeStart, labProbeStop, labStatus } from "../../lab/lab-client.ts";
import { remoteDesk } from "../../server/control/control-client.ts";
import { dataFolderPaths } from "../../server/records/data-folder.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

const run = promisify(execFile);
const root = new URL("../../", import.meta.url).pathname;
const cliFile = join(root, "dist/server/cli.js");

/** The built product as a person meets it: a server, a lab if wanted, and browsers that sign in. */
export interface BrowserWorld {
	data: string;
	readonly url: string;
	readonly server: ServerProcess;
	/** What a page threw, or what its policy blocked. */
	faults: string[];
	/** Writes a file of the folder of runbooks that is called `own`, and gives its path. */
	writeRunbook(file: string, text: string): Promise<string>;
	removeRunbook(file: string): Promise<void>;
	/** The command line on this data folder; gives what it printed. Rejects with `code` and `stdout` when it fails. */
	cli(...args: string[]): Promise<string>;
	/** A link that works once. */
	signInLink(): Promise<string>;
	/** A new browser, of somebody who has not signed in. */
	browser(options?: BrowserContextOptions): Promise<Page>;
	/**
	 * A new browser that has signed in by a link of its own, at its own `baseURL`, and looks at the library. The request is
	 * the form's; the form itself is for tests of the way in.
	 */
	person(name: string, options?: BrowserContextOptions): Promise<Page>;
	/** Starts the server again on the same folder and port. */
	startAgain(): Promise<void>;
	lab(): Promise<LabStatus>;
	/** The client that stays connected and writes all along. */
	probe: { start(): Promise<ProbeResult>; check(): Promise<ProbeResult>; stop(): Promise<ProbeResult> };
	/** Leaves no process and no file. */
	close(): Promise<void>;
}

/** The name of the lab, and of its cluster. */
export const labName = "orders";

export interface BrowserWorldOptions {
	/** Also a real master, two replicas and three Sentinels. */
	lab: boolean;
	/** The data folder, if it is to be somewhere else than in the world's own. */
	data?: string;
	/** More lines of the configuration, once the lab is up; `nodes` are the lab's. */
	config?(nodes: LabStatus["nodes"]): string;
	/** More arguments of `runledger serve`. */
	serve?: string[];
}

/** Opens a world in a temporary folder. */
export async function openBrowserWorld(browser: Browser, options: BrowserWorldOptions): Promise<BrowserWorld> {
	const { lab, serve = [] } = options;
	const folder = await mkdtemp(join(tmpdir(), "runledger-browser-"));
	const data = options.data ?? join(folder, "data");
	const config = join(folder, "runledger.yaml");
	const own = join(folder, "own");
	const common = ["--data", data, "--config", config];
	const home = join(data, "labs");
	const cli = async (...args: string[]) =>
		(await run(process.execPath, [cliFile, ...args, ...common], { maxBuffer: 2 ** 26 })).stdout;
	const contexts: { close(): Promise<void> }[] = [];
	const faults: string[] = [];
	await mkdir(own);
	const basis = `runbooks:\n  - ${join(root, "runbooks")}\n  - { name: own, folder: ${own} }\nshell:\n  cwd: ${own}\n`;
	await writeFile(config, basis);
	const controlPoint = {
		path: dataFolderPaths(data).socket,
		platform: process.platform,
		person: { name: "test", userAgent: "test" },
	};
	let server: ServerProcess | null = null;
	let link: string | null = null;
	const running = () => {
		if (server === null) throw new Error("the server does not run");
		return server;
	};
	const signInLink = async () => {
		const mine = link ?? (await remoteDesk(controlPoint).signIn());
		link = null;
		return mine;
	};
	const open = async (options: BrowserContextOptions = {}) => {
		const context = await browser.newContext({
			baseURL: running().url,
			viewport: { width: 1440, height: 900 },
			...options,
		});
		contexts.push(context);
		const page = await context.newPage();
		page.on("pageerror", (error) => faults.push(error.message));
		page.on("console", (message) => {
			if (message.text().includes("Content Security Policy")) faults.push(message.text());
		});
		return page;
	};
	const close = async () => {
		for (const context of contexts) await context.close();
		await server?.stop();
		if (lab) await cli("lab", "down", labName).catch(() => {});
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	const start = async (...args: string[]) => {
		server = await startServerProcess(data, ["--config", config, ...serve, ...args]);
		link = server.signIn;
	};
	try {
		if (lab) await cli("lab", "up", "redis-sentinel", "--name", labName);
		const nodes = lab ? await nodesWithMaster(home) : [];
		if (options.config) await writeFile(config, basis + options.config(nodes));
		await start();
	} catch (error) {
		await close();
		throw error;
	}
	return {
		data,
		faults,
		cli,
		close,
		get url() {
			return running().url;
		},
		get server() {
			return running();
		},
		async writeRunbook(file, text) {
			const path = join(own, file);
			await writeFile(path, text);
			return path;
		},
		removeRunbook: (file) => rm(join(own, file)),
		signInLink,
		browser: open,
		async person(name, options) {
			const page = await open(options);
			const token = new URL(await signInLink()).searchParams.get("token") ?? "";
			const { origin } = new URL(options?.baseURL ?? running().url);
			const sent = { form: { token, name }, headers: { origin }, maxRedirects: 0 };
			const response = await page.request.post(httpRoutes.signIn, sent);
			if (response.status() !== 303) throw new Error(`signing in gave ${response.status()}`);
			await page.goto("/");
			await page.getByRole("heading", { name: "Runbooks" }).waitFor();
			return page;
		},
		async startAgain() {
			const { port } = new URL(running().url);
			await running().stop();
			await start("--port", port);
		},
		lab: () => labStatus({ home, name: labName }),
		probe: {
			start: () => labProbeStart({ home, name: labName, kind: "client" }),
			check: () => labProbeCheck({ home, name: labName, kind: "client" }),
			stop: () => labProbeStop({ home, name: labName, kind: "client" }),
		},
	};
}

/** The lab's nodes, once its master answers as such: on a machine with much to do a look may find it busy. */
async function nodesWithMaster(home: string): Promise<LabStatus["nodes"]> {
	for (;;) {
		const { nodes } = await labStatus({ home, name: labName });
		if (nodes.some((node) => node.role === "master")) return nodes;
		await delay(100);
	}
}
