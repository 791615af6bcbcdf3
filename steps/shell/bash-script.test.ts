import { describe, expect, it } from "vitest";
import { readScriptEnd } from "./bash-script.ts";
import { environmentChange, shellEnvironment } from "./shell-environment.ts";

const bytes = (...parts: string[]) => new TextEncoder().encode(parts.map((part) => `${part}\0`).join(""));

describe("what a script left behind", () => {
	it("is its directory and its variables, newlines and `=` included", () => {
		expect(readScriptEnd(bytes("n1", "/srv", "A=1", "B=x=y\nz", "EMPTY=", "n1"), "n1")).toEqual({
			cwd: "/srv",
			exported: new Map([
				["A", "1"],
				["B", "x=y\nz"],
				["EMPTY", ""],
			]),
		});
	});

	it.each([
		["nothing", bytes()],
		["another's mark", bytes("evil", "/srv", "A=1", "evil")],
		["no end", bytes("n1", "/srv", "A=1")],
		["an end without a last NUL", bytes("n1", "/srv", "A=1", "n1").slice(0, -1)],
		["no beginning", bytes("/srv", "A=1", "n1")],
		["no absolute directory", bytes("n1", "srv", "A=1", "n1")],
	])("is nothing with %s", (_, given) => {
		expect(readScriptEnd(given, "n1")).toBeNull();
	});

	it("is the last whole word of it, when a program has written before", () => {
		const end = readScriptEnd(bytes("n1", "/evil", "A=evil", "n1", "/srv", "A=1", "n1"), "n1");
		expect(end?.cwd).toBe("/srv");
	});
});

describe("the environment of a step", () => {
	it("has nothing that a shell runs before its script, whoever set it", () => {
		const startup = new Map([
			["BASH_ENV", "/tmp/evil"],
			["ENV", "/tmp/evil"],
			["SHELLOPTS", "xtrace"],
			["BASH_FUNC_ls%%", "() { id; }"],
			["PS4", "$(id)"],
		]);
		const server = { PATH: "/bin", BASH_ENV: "/tmp/evil", LD_PRELOAD: "/evil.so" };
		const given = shellEnvironment({ server, carried: startup, inputs: startup, interactive: true });
		expect(given).toEqual({ PATH: "/bin" });
	});

	it("prints instead of paging, unless a person is at the keyboard", () => {
		const parts = { server: {}, carried: new Map(), inputs: new Map() };
		expect(shellEnvironment({ ...parts, interactive: false })).toMatchObject({ PAGER: "cat", GIT_PAGER: "cat" });
		expect(shellEnvironment({ ...parts, interactive: true })).toEqual({});
	});

	it("is compared without what every shell sets by itself", () => {
		const left = new Map([
			["PWD", "/x"],
			["SHLVL", "2"],
			["_", "env"],
			["BASH_ENV", "/tmp/evil"],
			["RUNLEDGER_RUN", "r1"],
			["KEPT", "same"],
			["NEW", "1"],
		]);
		expect(environmentChange({ KEPT: "same", GONE: "x" }, left)).toEqual({ set: { NEW: "1" }, unset: ["GONE"] });
	});
});
