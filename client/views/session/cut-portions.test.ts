import { expect, it } from "vitest";
import { cutPortions } from "./cut-portions.ts";

const items = (...keys: string[]) => keys.map((key) => ({ key }));
const keys = (portions: { key: string }[][]) => portions.map((portion) => portion.map(({ key }) => key).join(""));

it("a document is cut by the weight of its steps, and prose does not count", () => {
	const steps = (item: { key: string }) => (item.key === "g" ? 8 : item.key === "p" ? 0 : 1);
	expect(keys(cutPortions(items(..."abcdefghpijk"), steps, new Map()))).toEqual(["abcdefg", "hpijk"]);
});

it("a step that is added later stays with the one before it, and no other moves", () => {
	const known = new Map<string, number>();
	const one = () => 1;
	expect(keys(cutPortions(items(..."abcdefghij"), one, known))).toEqual(["abcdefgh", "ij"]);
	expect(keys(cutPortions(items(..."XabYcdefghZij"), one, known))).toEqual(["XabYcdefghZ", "ij"]);
	expect(keys(cutPortions(items(..."XabYVcdefghZijW"), one, known))).toEqual(["XabYVcdefghZ", "ijW"]);
});
