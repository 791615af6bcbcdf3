import type { JsonValue } from "../../core/json.ts";
import { type Problem, problem } from "../../core/problem.ts";
import { isReservedVariable } from "../../core/variable-name.ts";

/** Linux refuses to start a program with a longer string in its environment (MAX_ARG_STRLEN). */
const longestValue = 128 * 1024 - 256;

/** A value as a variable holds it: text as it is, anything else as JSON. */
export function valueText(value: JsonValue): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}

/** Why a value can't become this variable, or null. `leading`: it stands at the start of an argument. */
export function refuseInput(variable: string, name: string, text: string, leading: boolean): Problem | null {
	if (isReservedVariable(variable)) {
		return problem("parameter-reserved", `\`${variable}\` would change how programs run, so no value is put into it.`);
	}
	if (text.includes("\0")) {
		return problem("parameter-invalid", `\`${name}\` holds a NUL byte, which a variable can't.`);
	}
	if (Buffer.byteLength(text) > longestValue) {
		return problem("parameter-invalid", `\`${name}\` is longer than 128 KiB, which a variable can't be.`, {
			next: "Write it to a file in an earlier step, and hand over the file's name.",
		});
	}
	if (leading && text.startsWith("-")) {
		return problem("parameter-invalid", `\`${name}\` begins with \`-\`, so the command would read it as an option.`, {
			next: "Give a value that does not begin with `-`, or write `--` before it in the script.",
		});
	}
	return null;
}
