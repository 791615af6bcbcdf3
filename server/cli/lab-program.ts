import type { Command } from "commander";
import type { CommandContext } from "./command-context.ts";
import { common, examples, number, several } from "./command-options.ts";

/** Read when a command is called, and not before. */
const commands = () => import("./lab-commands.ts");

/** Adds `runledger lab` and what belongs to it; gives the command that has them all. */
export function addLabCommands(program: Command, context: CommandContext): Command {
	const lab = program
		.command("lab")
		.description("Disposable real clusters that may be broken.")
		.addHelpText(
			"after",
			examples(
				"runledger lab up redis-sentinel --name orders",
				"runledger lab fault kill orders.master --for 60s",
				"runledger lab heal orders",
				"runledger lab down orders",
			),
		);
	const add = (name: string, description: string) =>
		common(lab.command(name)).description(description).option("--json", "one object");

	add("up", "Start a lab; its cluster is a target then.")
		.argument("[kind]", "the kind of lab", "redis-sentinel")
		.option("--name <name>", "its name, and that of its target")
		.option("--option <name=value>", "an option of its kind, e.g. tls=true; can be given several times", several, [])
		.addHelpText(
			"after",
			examples(
				"runledger lab up redis-sentinel --name orders",
				"runledger lab up --name secure --option tls=true --json",
			),
		)
		.action(async (kind, options) => (await commands()).labUpCommand(kind, options, context));
	add("down", "Take a lab down; nothing of it is left.")
		.argument("[name]", "the lab; the only one when there is one")
		.option("--all", "every lab of the data folder")
		.option("--name <name>", "the same as the argument")
		.addHelpText("after", examples("runledger lab down orders", "runledger lab down --all"))
		.action(async (name, options) => (await commands()).labDownCommand(name ?? options.name, options, context));
	add("status", "Show a lab's nodes.")
		.argument("[name]", "the lab; the only one when there is one")
		.option("--name <name>", "the same as the argument")
		.addHelpText("after", examples("runledger lab status orders", "runledger lab status --json"))
		.action(async (name, options) => (await commands()).labStatusCommand(name ?? options.name, options, context));
	add("list", "List the labs that are up, and the kinds that can be started here.")
		.addHelpText("after", examples("runledger lab list", "runledger lab list --json"))
		.action(async (options) => (await commands()).labListCommand(options, context));
	add("logs", "Show the last lines of a node's log.")
		.argument("<place>", "orders.master, orders/cache-1; or the lab's name, followed by the node's")
		.argument("[node]", "the node's name, after the lab's")
		.option("--lines <n>", "how many", number(1, 2_000), 50)
		.addHelpText(
			"after",
			examples("runledger lab logs orders.master", "runledger lab logs orders sentinel-1 --lines 200"),
		)
		.action(async (reference, node, options) => (await commands()).labLogsCommand(reference, node, options, context));
	add("heal", "Mend one node, or all of a lab.")
		.argument("[place]", "orders, orders.master or orders/cache-1")
		.addHelpText("after", examples("runledger lab heal orders", "runledger lab heal orders/cache-1"))
		.action(async (place, options) => (await commands()).labHealCommand(place, options, context));
	add("reset", "Give a lab its original roles and data again.")
		.argument("[name]", "the lab; the only one when there is one")
		.option("--name <name>", "the same as the argument")
		.addHelpText("after", examples("runledger lab reset orders"))
		.action(async (name, options) => (await commands()).labResetCommand(name ?? options.name, options, context));

	const fault = lab
		.command("fault")
		.description("Break a node of a lab, for a limited time.")
		.addHelpText(
			"after",
			examples("runledger lab fault kill orders.master", "runledger lab fault freeze orders/cache-2 --for 30s"),
		);
	for (const [kind, description] of [
		["kill", "SIGKILL a node's process."],
		["stop", "Stop a node's process in good order."],
		["freeze", "Stop a node's process where it stands (SIGSTOP)."],
	] as const) {
		common(fault.command(kind))
			.description(description)
			.argument("<node>", "orders.master, orders.replica[0] or orders/cache-1")
			.option("--for <duration>", "it heals by itself after this (120s)")
			.option("--json", "one object")
			.addHelpText(
				"after",
				examples(`runledger lab fault ${kind} orders.master`, `runledger lab fault ${kind} orders/cache-2 --for 30s`),
			)
			.action(async (node, options) => (await commands()).labFaultCommand(kind, node, options, context));
	}
	return lab;
}
