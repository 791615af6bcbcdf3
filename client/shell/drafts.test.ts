import { expect, it } from "vitest";
import { createDrafts, type DraftPlace } from "./drafts.ts";

/** A place that outlasts a page. */
function openPlace(): DraftPlace & { text: string | null } {
	return {
		text: null,
		read() {
			return this.text;
		},
		write(text) {
			this.text = text;
		},
	};
}

it("what was typed and not sent is there when the dialog is opened again, and goes when it is sent or emptied", () => {
	const drafts = createDrafts(openPlace());
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
	const drafts = createDrafts(openPlace());
	const opened = drafts.open("edit look");
	opened.field("body", "GET a");
	const pictures = opened.field<readonly string[]>("pictures", []);
	pictures.value = ["one"];
	pictures.value = [];
	expect(opened.leave()).toBe(false);
	expect(drafts.open("edit look").field("body", "GET b").value).toBe("GET b");
});

it("a reload finds what was kept, and nothing of what was sent, or of a person who is gone", () => {
	const place = openPlace();
	const before = createDrafts(place).open("answer 1");
	before.field("answers", { text: "", checked: [false] }).value = { text: "502 since 3:04", checked: [true] };
	before.leave();

	const drafts = createDrafts(place);
	const after = drafts.open("answer 1");
	expect([after.kept, after.field("answers", { text: "", checked: [false] }).value]).toEqual([
		true,
		{ text: "502 since 3:04", checked: [true] },
	]);
	after.forget();
	expect(createDrafts(place).open("answer 1").kept).toBe(false);

	const note = drafts.open("note");
	note.field("text", "").value = "said";
	note.leave();
	drafts.clear();
	expect(createDrafts(place).open("note").kept).toBe(false);
	expect(createDrafts({ ...place, read: () => "no drafts" }).open("note").kept).toBe(false);
});
