import { parseDuration } from "../../core/duration.ts";
import type { LabStatus } from "../../core/lab.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import { parseTargetReference } from "../../core/target.ts";
import { namedConfiguration } from "../config.ts";
import { beginYaml } from "../config-file.ts";
import { isServing, remoteDesk } from "../control/control-client.ts";
import type { Desk } from "../control/desk.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";
import { controlPoint } from "./control-point.ts";
import { spokenDuration, table } from "./print.ts";

export interface LabOptions extends CommonOptions {
	json?: boolean;
}

type Labs = Desk["labs"];

/** What a configuration says that a lab began. */
const begun = [
	"Labs are targets by themselves: their data folder knows them. Your own clusters stand here:",
	"",
	"targets:",
	"  orders-live: { kind: redis, environment: production, masterName: orders, sentinels: [10.77.0.21:26379] }",
];

/** The labs of the data folder: through the server that runs on it, which records it; else straight to their supervisors. */
async function labsOf(options: LabOptions, { surroundings }: CommandContext): Promise<Labs> {
	const around = surroundings("silent");
	const configuration = configurationOf(options, around);
	const point = controlPoint(configuration, around);
	if (await isServing(point)) return remoteDesk(point).labs;
	const { directLabs } = await import("./direct-labs.ts");
	return directLabs(configuration, around);
}

export async function labUpCommand(
	kind: string,
	options: LabOptions & { name?: string; option: string[] },
	context: CommandContext,
): Promise<void> {
	const { env, cwd } = context.surroundings("silent");
	// The first command of many: who names a configuration that is not there yet wants it, and `serve` and `run` read it next.
	const file = namedConfiguration({ ...options, env, cwd });
	if (file !== null && beginYaml(file, begun)) context.output.note(`Begun: ${file}, without a setting yet.`);
	const labs = await labsOf(options, context);
	const name = options.name ?? kind.replace(/[^A-Za-z0-9_-]/g, "-");
	const status = await labs.up(kind, name, readOptions(options.option));
	if (options.json) context.output.out(JSON.stringify(status));
	else {
		context.output.out(nodesInWords(status));
		context.output.out(`${name} is a target now: serve and run on the same data folder know it.`);
	}
}

export async function labDownCommand(
	name: string | undefined,
	options: LabOptions & { all?: boolean },
	context: CommandContext,
): Promise<void> {
	const labs = await labsOf(options, context);
	const names = options.all ? (await labs.list()).map((lab) => lab.name) : [await nameOf(labs, name)];
	for (const each of names) await labs.down(each);
	context.output.out(options.json ? JSON.stringify({ down: names }) : `Down: ${names.join(", ") || "nothing was up"}.`);
}

export async function labStatusCommand(
	name: string | undefined,
	options: LabOptions,
	context: CommandContext,
): Promise<void> {
	const labs = await labsOf(options, context);
	const wanted = await nameOf(labs, name);
	const status = (await labs.list()).find((lab) => lab.name === wanted);
	if (!status) throw new ProblemError("lab-unknown", `There is no lab \`${wanted}\`.`);
	context.output.out(options.json ? JSON.stringify(status) : nodesInWords(status));
}

export async function labListCommand(options: LabOptions, context: CommandContext): Promise<void> {
	const labs = await labsOf(options, context);
	const [kinds, list] = await Promise.all([labs.kinds(), labs.list()]);
	if (options.json) {
		context.output.out(JSON.stringify({ kinds, labs: list }));
		return;
	}
	for (const status of list) context.output.out(nodesInWords(status));
	for (const { kind, title, available, needs } of kinds) {
		const missing = needs.filter((need) => need.found === null).map((need) => need.install);
		context.output.out(`${kind}: ${title}${available ? "" : ` (not here yet: ${[...new Set(missing)].join(" && ")})`}`);
	}
}

export async function labLogsCommand(
	reference: string,
	node: string | undefined,
	options: LabOptions & { lines: number },
	context: CommandContext,
): Promise<void> {
	const labs = await labsOf(options, context);
	const place = node === undefined ? placeOf(reference) : { name: reference, node };
	if (place.node === undefined) throw new ProblemError("usage", "Whose log? Write orders.master or orders cache-1.");
	const lines = await labs.logs(place.name, place.node, options.lines);
	context.output.out(options.json ? JSON.stringify({ lines }) : lines.join("\n"));
}

export async function labFaultCommand(
	fault: "kill" | "stop" | "freeze",
	reference: string,
	options: LabOptions & { for?: string },
	context: CommandContext,
): Promise<void> {
	const labs = await labsOf(options, context);
	const { name, node } = placeOf(reference);
	if (node === undefined) throw new ProblemError("usage", "Which node? Write orders.master or orders/cache-1.");
	const healsAt = await labs.fault(name, fault, node, secondsOf(options.for));
	if (options.json) context.output.out(JSON.stringify({ lab: name, node, fault, healsAt }));
	else {
		const left = spokenDuration(Math.max(0, Date.parse(healsAt) - Date.now()));
		context.output.out(
			`${fault} ${reference}: done. It heals by itself in ${left}, or by 'runledger lab heal ${name}'.`,
		);
	}
}

export async function labHealCommand(reference: string | undefined, options: LabOptions, context: CommandContext) {
	const labs = await labsOf(options, context);
	const { name, node } = placeOf(await nameOf(labs, reference));
	const healed = await labs.heal(name, node);
	const words = healed.length === 0 ? `Nothing was broken in ${node ?? name}.` : `Healed: ${healed.join(", ")}.`;
	context.output.out(options.json ? JSON.stringify({ lab: name, healed }) : words);
}

export async function labResetCommand(name: string | undefined, options: LabOptions, context: CommandContext) {
	const labs = await labsOf(options, context);
	const wanted = await nameOf(labs, name);
	const started = performance.now();
	await labs.reset(wanted);
	const ms = Math.round(performance.now() - started);
	context.output.out(
		options.json ? JSON.stringify({ lab: wanted, ms }) : `${wanted}: as it was at first, in ${spokenDuration(ms)}.`,
	);
}

/** The lab that is meant: the one named, else the only one there is. */
async function nameOf(labs: Labs, name: string | undefined): Promise<string> {
	if (name !== undefined) return name;
	const [only, ...others] = (await labs.list()).map((lab) => lab.name);
	if (only !== undefined && others.length === 0) return only;
	throw new ProblemError(
		only === undefined ? "lab-unknown" : "usage",
		only === undefined ? "No lab is up." : `Which one? There are ${[only, ...others].join(", ")}.`,
	);
}

/** `orders`, `orders.master`, `orders/cache-1` as a lab and a node of it. */
function placeOf(reference: string): { name: string; node?: string } {
	const parsed = parseTargetReference(reference);
	if (isProblem(parsed)) throw ProblemError.of(parsed);
	const { cluster, role, node } = parsed;
	if (node !== undefined) return { name: cluster, node };
	return role === undefined ? { name: cluster } : { name: cluster, node: reference };
}

function secondsOf(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const ms = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
	if (ms === null || ms < 1000) throw new ProblemError("usage", "`--for` wants a duration such as 30s.");
	return Math.round(ms / 1000);
}

/** `name=value`, where true, false and numbers are what they look like. */
function readOptions(pairs: readonly string[]): Record<string, unknown> {
	return Object.fromEntries(
		pairs.map((pair) => {
			const [name = "", ...rest] = pair.split("=");
			const value = rest.join("=");
			if (rest.length === 0 || value === "true") return [name, true];
			if (value === "false") return [name, false];
			return [name, /^\d+$/.test(value) ? Number(value) : value];
		}),
	);
}

function nodesInWords(status: LabStatus): string {
	const head = `${status.name}: ${status.kind}, ${status.state}${status.detail ? ` (${status.detail})` : ""}`;
	const rows = status.nodes.map((node) => [
		`  ${node.name}`,
		node.role,
		node.address,
		node.state,
		node.fault ? `${node.fault.kind} until ${node.fault.healsAt}` : "",
	]);
	return rows.length === 0 ? head : `${head}\n${table(rows)}`;
}
