import { type Command, InvalidArgumentError } from "commander";

/** Collects an option that can be given several times. */
export const several = (value: string, before: string[]) => [...before, value];

/** Reads an option that is a whole number within bounds. */
export function number(low: number, high: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (!/^\d+$/.test(text) || value < low || value > high) {
			throw new InvalidArgumentError(`It wants a number from ${low} to ${high}.`);
		}
		return value;
	};
}

/** Adds the options that every command has. */
export function common(command: Command): Command {
	return command
		.option("--data <dir>", "the data folder (RUNLEDGER_DATA, else ./.runledger)")
		.option("--config <file>", "the configuration (RUNLEDGER_CONFIG, else ./runledger.yaml when there is one)");
}

/** Examples, as they stand below a command's help. */
export const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
