import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ProblemError } from "../../core/problem.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Configuration } from "../config.ts";
import { isServing, remoteDesk } from "../control/control-client.ts";
import { localCaller } from "../control/local-caller.ts";
import { runFile } from "../control/run-file.ts";
import type { RunListener } from "../control/run-file-request.ts";
import type { Engine } from "../engine.ts";
import { type RunningServer, startServer } from "../main.ts";
import { verifyPath } from "../records/verify.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";
import { controlPoint, loginName } from "./control-point.ts";
import { directLabs } from "./direct-labs.ts";
import { ensurePrograms } from "./ensure-programs.ts";
import { spokenDuration } from "./print.ts";
import { runReport } from "./run-report.ts";
import { aborted } from "./serve-command.ts";

/** The demo's cluster. */
const lab = "orders";
const labKind = "redis-sentinel";

/** For a demo that begins beside this one. */
const mostLooks = 120;
const betweenLooksMs = 500;

const quiet: RunListener = {
	event: () => undefined,
	output: () => undefined,
	recordHealth: () => undefined,
	ask: null,
};

export interface DemoOptions extends CommonOptions {
	check?: boolean;
	yes?: boolean;
	host?: string;
	port?: number;
}

/** `runledger demo`: a real cluster, a server and a session that was really recorded, until it is told to end. */
export async function demoCommand(options: DemoOptions, context: CommandContext): Promise<void> {
	const { output } = context;
	const env = context.surroundings("silent").env;
	await ensurePrograms(
		[
			{ program: "redis-server", package: "redis-server" },
			{ program: "redis-sentinel", package: "redis-sentinel" },
		],
		{
			path: env.PATH ?? "",
			isRoot: process.getuid?.() === 0,
			ask:
				output.isTerminal && !options.yes
					? async (question) => /^y(es)?$/i.test((await output.question(`${question} [y/N] `)).trim())
					: null,
			say: output.note,
		},
	);
	if (options.check) await checkDemo(options, context);
	else await showDemo(options, context);
}

/** Another server writes the folder: a fresh link to it is what a second demo is for. Gives whether there is one. */
async function showRunning(options: DemoOptions, context: CommandContext): Promise<boolean> {
	const around = context.surroundings("silent");
	const point = controlPoint(configurationOf(options, around), around);
	if (!(await isServing(point))) return false;
	const signIn = await remoteDesk(point).signIn();
	context.output.out(`Runledger runs on this data folder already, at ${new URL(signIn).origin}`);
	context.output.out(`Sign in within ten minutes, once: ${signIn}`);
	context.output.out(anotherLink(options));
	return true;
}

const dataOption = ({ data }: CommonOptions): string => (data === undefined ? "" : ` --data ${data}`);
const anotherLink = (options: CommonOptions): string => `Another link: npx runledger signin${dataOption(options)}`;

async function showDemo(options: DemoOptions, context: CommandContext): Promise<void> {
	const { output, signal } = context;
	if (await showRunning(options, context)) return;
	let server: RunningServer;
	try {
		server = await startDemo(options, context, options.port);
	} catch (error) {
		if (!(error instanceof ProblemError) || error.problem.code !== "record-locked") throw error;
		// Another demo is beginning: its cluster comes before its door.
		output.note("Another process writes this data folder; waiting for it to answer.");
		for (let looks = 0; looks < mostLooks && !signal.aborted; looks++) {
			if (await showRunning(options, context)) return;
			await delay(betweenLooksMs);
		}
		throw error;
	}
	try {
		if (signal.aborted) return;
		if (server.engine.sessions.list().every((session) => session.status !== "closed")) {
			output.note("Recording a session on it, so that there is something to replay.");
			const health = await shipped(server.engine, /health/i);
			await walk(server.engine, health, quiet, signal);
		}
		output.out(`Runledger answers at ${server.url}`);
		output.out(`Sign in within ten minutes, once: ${server.signIn()}`);
		output.out(anotherLink(options));
		output.out(`Break the master while you look: npx runledger lab fault kill ${lab}.master${dataOption(options)}`);
		output.out("Ctrl+C ends the server and the cluster.");
		await aborted(signal);
	} finally {
		output.note("Taking the server and the cluster down.");
		await endDemo(server);
	}
}

/** Headless, in a folder of its own that is gone afterwards. */
async function checkDemo(options: DemoOptions, context: CommandContext): Promise<void> {
	const { output, signal, exit } = context;
	const data = await mkdtemp(join(tmpdir(), "runledger-demo-"));
	const started = performance.now();
	let code: 0 | 1 | 2 | 3 = 1;
	try {
		const server = await startDemo({ ...options, data }, context, 0);
		try {
			const response = await fetch(`${server.url}/healthz`);
			if (!response.ok) throw new Error(`the server answers ${response.status}`);
			output.out(`The server answers at ${server.url}.`);
			output.out(`The cluster ${lab} is up.`);
			const failover = await shipped(server.engine, /planned-failover/i);
			const result = await walk(server.engine, failover, { ...quiet, ...runReport(output) }, signal);
			output.out(result.summary);
			code = result.exitCode;
			if (code === 0) {
				const archive = await server.engine.exportTo(result.session, join(data, "session.zip"));
				for (const place of [data, archive]) {
					const report = await verifyPath(place);
					if (!report.ok) throw new ProblemError("record-broken", report.reason ?? "The record is not whole.");
					const { events, recordings } = report.checked;
					output.out(
						`Verified ${place === data ? "the record" : "its export"}: ${events} events, ${recordings} recordings.`,
					);
				}
			}
		} finally {
			await endDemo(server);
		}
	} finally {
		await rm(data, { recursive: true, force: true });
	}
	output.out(
		`${code === 0 ? "All is well" : "It failed"}; everything is down again. ${spokenDuration(performance.now() - started)}.`,
	);
	exit(code);
}

/** The server listens when the cluster is up: pages that an earlier one has left come back to a whole demo. */
async function startDemo(
	options: CommonOptions & { host?: string },
	context: CommandContext,
	port: number | undefined,
): Promise<RunningServer> {
	const around = context.surroundings("warn");
	const configuration = configurationOf({ ...options, ...(port === undefined ? {} : { port }) }, around);
	let isOurs = false;
	const start = (on: Configuration) =>
		startServer(on, around, async (engine) => {
			if (!isOurs) isOurs = await raiseLab(engine, context.output.note);
		});
	try {
		try {
			return await start(configuration);
		} catch (error) {
			// The usual port is taken, and nobody asked for it: any other will do.
			const isTaken = error instanceof ProblemError && error.problem.code === "port-unavailable";
			if (!isTaken || port !== undefined) throw error;
			return await start({ ...configuration, server: { ...configuration.server, port: 0 } });
		}
	} catch (error) {
		if (isOurs) await directLabs(configuration, around).down(lab);
		throw error;
	}
}

/**
 * Sees to it that the lab is up: a whole one that an earlier demo has left goes on, anything else of its name is
 * replaced. Gives whether it was started here.
 */
async function raiseLab(engine: Engine, say: (line: string) => void): Promise<boolean> {
	const found = (await engine.labs.list()).find((one) => one.name === lab);
	if (found?.kind === labKind && found.state === "up" && found.nodes.every((node) => node.state === "up")) {
		say(`The cluster \`${lab}\` is up already, with its data: it goes on.`);
		return false;
	}
	if (found) {
		say(`Replacing the cluster \`${lab}\` that an earlier demo left: it was not whole. The new one has other ports.`);
		await engine.labs.down(lab);
	} else {
		say(`Starting the cluster \`${lab}\`: one Redis master, two replicas, three Sentinels.`);
	}
	await engine.labs.up(labKind, lab);
	engine.refreshTargets();
	return true;
}

async function endDemo(server: RunningServer): Promise<void> {
	try {
		if (existsSync(join(server.engine.folder.paths.folder, "labs", lab))) await server.engine.labs.down(lab);
	} finally {
		await server.stop("the demo has ended");
	}
}

async function shipped(engine: Engine, name: RegExp): Promise<Runbook> {
	await engine.library.scanned;
	const found = engine.library.list().find((runbook) => name.test(runbook.path) && runbook.systems.includes("redis"));
	if (!found) throw new ProblemError("runbook-not-found", `No runbook of the library is called ${name.source}.`);
	return found;
}

/** Walks through a runbook of the library on the lab, every question answered by the flag. */
async function walk(engine: Engine, runbook: Runbook, listener: RunListener, signal: AbortSignal) {
	const values: Record<string, string> = {};
	for (const parameter of runbook.parameters) {
		if (parameter.type === "target") values[parameter.name] = lab;
		else if (parameter.required && parameter.default === undefined) values[parameter.name] = "demo";
	}
	const [folderName = "", ...inside] = runbook.path.split("/");
	const folder = engine.configuration.runbooks.find((one) => one.name === folderName);
	const file = join(folder?.folder ?? "", ...inside);
	return runFile(
		engine,
		{ file, kind: "drill", values, only: [], yes: true, confirm: [] },
		localCaller(engine.signIns, { name: loginName(), userAgent: "runledger demo" }),
		listener,
		signal,
	);
}
