import { expect, it } from "vitest";
import { createDrafts } from "./drafts.ts";

it("what was typed and not sent is there when the dialog is opened again, and goes when it is sent or emptied", () => {
	const drafts = createDrafts();
	const first = drafts.open("note");
	expect(first.kept).toBe(false);
	first.field("text", "").value = "seen at 3";
	expect(first.leave()).toBe(true);

	const again = drafts.open("note");
	expect([again.kept, again.field("text", "").value]).toEqual([true, "seen at 3"]);
	expect(drafts.open("add").field("text", "").value).toBe("");
	again.reset();
	expect(again.field("text", "").value).toBe("");
	expect(again.leave()).toBe(false);
	expect(drafts.open("note").kept).toBe(false);

	const sent = drafts.open("note");
	sent.field("text", "").value = "said";
	sent.leave();
	drafts.open("note").forget();
	expect(drafts.open("note").kept).toBe(false);
});

it("a dialog in which nothing was typed keeps nothing: the next opening shows what is there by then", () => {
	const drafts = createDrafts();
	const opened = drafts.open("edit look");
	opened.field("body", "GET a");
	const pictures = opened.field<readonly string[]>("pictures", []);
	pictures.value = ["one"];
	pictures.value = [];
	expect(opened.leave()).toBe(false);
	expect(drafts.open("edit look").field("body", "GET b").value).toBe("GET b");
});
