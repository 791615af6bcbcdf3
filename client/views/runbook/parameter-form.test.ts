import { expect, it } from "vitest";
import type { Parameter } from "../../../core/runbook.ts";
import { fieldError, firstValue, openingValues } from "./parameter-form.ts";

const parameter = (more: Partial<Parameter>): Parameter => ({
	name: "p",
	type: "string",
	required: false,
	origin: "declared",
	...more,
});
const targets = [
	{ name: "orders", kind: "redis" },
	{ name: "local", kind: "local" },
];

it("a field begins with its default; a target with the only one that fits", () => {
	expect(firstValue(parameter({ default: 5, type: "number" }), targets)).toBe("5");
	expect(firstValue(parameter({ type: "boolean", default: "true" }), targets)).toBe(true);
	expect(firstValue(parameter({ type: "target", kind: "redis", default: "elsewhere" }), targets)).toBe("orders");
	expect(firstValue(parameter({ type: "target" }), targets)).toBe("");
});

it("what is wrong is said before it is sent", () => {
	expect(fieldError(parameter({ required: true }), " ")).toBe("It needs a value.");
	expect(fieldError(parameter({ type: "number" }), "x")).toBe("It must be a number.");
	expect(fieldError(parameter({ type: "duration" }), "30 s")).toBe(null);
	expect(fieldError(parameter({ type: "duration" }), "soon")).not.toBe(null);
	expect(fieldError(parameter({ type: "choice", choices: ["a"] }), "b")).not.toBe(null);
	expect(fieldError(parameter({}), "")).toBe(null);
});

it("what was left empty is left out, and a name can't reach a prototype", () => {
	const fields = new Map<string, string | boolean>([
		["n", "5"],
		["empty", ""],
		["b", false],
		["__proto__", "x"],
	]);
	const parameters = [
		parameter({ name: "n", type: "number" }),
		parameter({ name: "empty" }),
		parameter({ name: "b", type: "boolean" }),
		parameter({ name: "__proto__" }),
	];
	const values = openingValues(parameters, fields);
	expect(Object.entries(values)).toEqual([
		["n", 5],
		["b", false],
		["__proto__", "x"],
	]);
	expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
});
