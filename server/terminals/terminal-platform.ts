import { ProblemError } from "../../core/problem.ts";
import type { TerminalPlatform } from "./platform.ts";
import { linuxPlatform } from "./platform-linux.ts";
import { macosPlatform } from "./platform-macos.ts";

/** The platform's own part, by Node's name of it. Throws `config-invalid` where there is none. */
export function terminalPlatform(name: string): TerminalPlatform {
	switch (name) {
		case "linux":
			return linuxPlatform;
		case "darwin":
			return macosPlatform;
		default:
			throw new ProblemError("config-invalid", `Terminals work on Linux and macOS, not on ${name}.`, {
				next: "Run the server on Linux, and use it from any browser.",
			});
	}
}
