import { useSignal } from "@preact/signals";
import { useKeys } from "./use-keys.ts";

/** What moves and opens the selected entry from elsewhere, such as the field that narrows the list. */
export interface ListKeys {
	move(by: number): void;
	select(index: number): void;
	openSelected(): void;
}

/**
 * One entry of a list is selected: j and k and the arrows move to another, Enter opens it. `show` is told the index that
 * was moved to, `open` the one that is selected; neither is called while the list is empty.
 */
export function useListKeys({
	count,
	group,
	next,
	before,
	opens,
	show,
	open,
}: {
	count: number;
	/** The heading in the map of keys, and there the words for each key. */
	group: string;
	next: string;
	before: string;
	opens: string;
	show: (index: number) => void;
	open: (index: number) => void;
}): ListKeys & { selected: number } {
	const at = useSignal(0);
	const within = (index: number) => Math.min(Math.max(0, index), count - 1);
	const selected = within(at.value);
	const move = (by: number) => {
		if (count === 0) return;
		at.value = within(within(at.peek()) + by);
		show(at.peek());
	};
	const openSelected = () => {
		if (count > 0) open(within(at.peek()));
	};
	useKeys([
		{ keys: "j", group, label: next, repeats: true, run: () => move(1) },
		{ keys: "k", group, label: before, repeats: true, run: () => move(-1) },
		{ keys: "ArrowDown", group, label: next, repeats: true, run: () => move(1) },
		{ keys: "ArrowUp", group, label: before, repeats: true, run: () => move(-1) },
		{ keys: "Enter", group, label: opens, hidden: true, run: openSelected },
	]);
	return {
		selected,
		move,
		select(index) {
			at.value = index;
		},
		openSelected,
	};
}
