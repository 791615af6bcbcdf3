import type { DocumentBlock, Unit } from "../../../core/runbook.ts";

/** What stands in the middle column, in reading order. A group's frame holds what stands between its steps. */
export type DocumentItem =
	| { kind: "prose"; key: string; html: string }
	| { kind: "heading"; key: string; level: number; id: string; text: string; html: string }
	| { kind: "unit"; key: string; unit: Unit; items: UnitItem[] };

export type UnitItem = { kind: "prose"; key: string; html: string } | { kind: "step"; key: string; step: string };

/**
 * Lays the runbook's blocks and the session's order of steps together: steps that were added stand after the one that
 * they follow; prose between two steps of a group belongs to the group.
 */
export function layDocument(
	blocks: readonly DocumentBlock[],
	order: readonly string[],
	units: readonly Unit[],
): DocumentItem[] {
	const placeOf = new Map(order.map((name, i) => [name, i]));
	const inDocument = new Set(blocks.flatMap((block) => (block.kind === "step" ? [block.step] : [])));
	const withAdded: DocumentBlock[] = [];
	const addedAfter = (name: string | null) => {
		const from = name === null ? 0 : (placeOf.get(name) ?? -1) + 1;
		for (let i = from; i < order.length; i++) {
			const step = order[i];
			if (step === undefined || inDocument.has(step)) break;
			withAdded.push({ kind: "step", step });
		}
	};
	// Before the first step there may be a title and an introduction: what is added there stands right before the step.
	let begun = false;
	for (const block of blocks) {
		if (block.kind === "step") {
			if (!placeOf.has(block.step)) continue;
			if (!begun) addedAfter(null);
			begun = true;
			withAdded.push(block);
			addedAfter(block.step);
		} else withAdded.push(block);
	}
	if (!begun) addedAfter(null);

	const unitOf = new Map(units.flatMap((unit) => unit.steps.map((step) => [step, unit] as const)));
	const items: DocumentItem[] = [];
	let open = null as Extract<DocumentItem, { kind: "unit" }> | null;
	let left = 0;
	for (const [i, block] of withAdded.entries()) {
		if (block.kind === "step") {
			const unit = unitOf.get(block.step);
			if (!unit) continue;
			if (open?.unit !== unit) {
				open = { kind: "unit", key: `unit ${unit.name}`, unit, items: [] };
				left = unit.steps.length;
				items.push(open);
			}
			open.items.push({ kind: "step", key: block.step, step: block.step });
			left -= 1;
			if (left === 0) open = null;
		} else if (open && left > 0 && block.kind === "prose") {
			open.items.push({ kind: "prose", key: `prose ${i}`, html: block.html });
		} else if (block.kind === "prose") {
			items.push({ kind: "prose", key: `prose ${i}`, html: block.html });
		} else {
			items.push({ key: `heading ${i}`, ...block });
		}
	}
	return items;
}
