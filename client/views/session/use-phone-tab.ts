import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { cardOf } from "./focus-unit.ts";
import type { PhoneTab } from "./phone-bar.tsx";

/**
 * The part of the page that a phone shows. Each is found again where it was left; the steps, when the procedure has moved
 * on meanwhile (`current` names its unit), at what matters now.
 */
export function usePhoneTab(current: ReadonlySignal<string | undefined>): {
	tab: Signal<PhoneTab>;
	open(next: PhoneTab): void;
} {
	const tab = useSignal<PhoneTab>("Steps");
	const places = useRef(new Map<PhoneTab, number>());
	const leftAt = useRef<string | undefined>(undefined);
	return {
		tab,
		open(next) {
			const from = tab.peek();
			if (next === from) {
				window.scrollTo(0, 0);
				return;
			}
			places.current.set(from, window.scrollY);
			if (from === "Steps") leftAt.current = current.peek();
			tab.value = next;
			// It has its height again once it is drawn.
			requestAnimationFrame(() => {
				window.scrollTo(0, places.current.get(next) ?? 0);
				const unit = current.peek();
				if (next === "Steps" && unit !== leftAt.current) cardOf(unit ?? "")?.scrollIntoView({ block: "center" });
			});
		},
	};
}
