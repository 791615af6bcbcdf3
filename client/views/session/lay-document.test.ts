import { expect, it } from "vitest";
import { type DocumentBlock, unitsOf } from "../../../core/runbook.ts";
import { layDocument } from "./lay-document.ts";

const prose = (html: string): DocumentBlock => ({ kind: "prose", html });
const step = (name: string): DocumentBlock => ({ kind: "step", step: name });
const shape = (blocks: DocumentBlock[], steps: { name: string; group?: string }[]) =>
	layDocument(
		blocks,
		steps.map((s) => s.name),
		unitsOf(steps),
	).map((item) =>
		item.kind === "unit"
			? `${item.unit.name}(${item.items.map((i) => (i.kind === "step" ? i.step : i.html)).join(" ")})`
			: item.kind === "prose"
				? item.html
				: item.text,
	);

it("prose between the steps of a group stands inside its frame, prose around it outside", () => {
	const blocks = [prose("intro"), step("a"), prose("p1"), step("b"), prose("p2"), step("c"), prose("end")];
	const steps = [{ name: "a" }, { name: "b", group: "g" }, { name: "c", group: "g" }];
	expect(shape(blocks, steps)).toEqual(["intro", "a(a)", "p1", "g(b p2 c)", "end"]);
});

it("a step that was added stands after the one that it follows", () => {
	const blocks = [prose("intro"), step("a"), prose("p"), step("b")];
	expect(
		shape(blocks, [{ name: "x" }, { name: "a" }, { name: "y" }, { name: "z" }, { name: "b" }, { name: "w" }]),
	).toEqual(["intro", "x(x)", "a(a)", "y(y)", "z(z)", "p", "b(b)", "w(w)"]);
});

it("a document without steps gets those that are added at its end", () => {
	expect(shape([prose("only words")], [{ name: "x" }])).toEqual(["only words", "x(x)"]);
});
