import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { cardOf } from "./focus-unit.ts";
import type { PhoneTab } from "./phone-bar.tsx";

/** Where a part was left: what stands first in sight and how far below the window's top, in pixels; without one by the scroll. */
interface Place {
	card: Element | undefined;
	top: number;
	scroll: number;
}

function placeNow(): Place {
	// What stands above may grow while another part is shown, as the output of a step does that has just ended.
	const card = [...document.querySelectorAll("[data-unit]")].find((each) => each.getBoundingClientRect().bottom > 0);
	return { card, top: card?.getBoundingClientRect().top ?? 0, scroll: window.scrollY };
}

/** Cards out of sight get their true height when they are drawn, which moves what stands below: for some frames it is put right. */
function goBackTo(place: Place, frames = 3): void {
	const { card, top, scroll } = place;
	if (card?.isConnected) window.scrollBy(0, card.getBoundingClientRect().top - top);
	else window.scrollTo(0, scroll);
	if (frames > 0) requestAnimationFrame(() => goBackTo(place, frames - 1));
}

/**
 * The part of the page that a phone shows. Each is found again where it was left; the steps, when the procedure has moved
 * on meanwhile (`current` names its unit), at what matters now.
 */
export function usePhoneTab(current: ReadonlySignal<string | undefined>): {
	tab: Signal<PhoneTab>;
	open(next: PhoneTab): void;
} {
	const tab = useSignal<PhoneTab>("Steps");
	const places = useRef(new Map<PhoneTab, Place>());
	const leftAt = useRef<string | undefined>(undefined);
	return {
		tab,
		open(next) {
			const from = tab.peek();
			if (next === from) {
				window.scrollTo(0, 0);
				return;
			}
			places.current.set(from, placeNow());
			if (from === "Steps") leftAt.current = current.peek();
			tab.value = next;
			// It has its height again once it is drawn.
			requestAnimationFrame(() => {
				const place = places.current.get(next);
				const unit = current.peek();
				if (next === "Steps" && unit !== leftAt.current) cardOf(unit ?? "")?.scrollIntoView({ block: "center" });
				else if (place) goBackTo(place);
				else window.scrollTo(0, 0);
			});
		},
	};
}
