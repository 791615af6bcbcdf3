import { type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../core/problem.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";

export interface Toast {
	id: number;
	tone: "plain" | "good" | "bad";
	text: string;
	detail?: string;
}

/** Short words that come and go at the edge of the page. What must be read stands in the page itself. */
export interface Toasts {
	list: ReadonlySignal<readonly Toast[]>;
	show(text: string, options?: { tone?: Toast["tone"]; detail?: string }): void;
	/** Shows a problem with what to do next. */
	problem(problem: Problem): void;
	dismiss(id: number): void;
	/** Takes away what only told of a moment, once the page has moved on; problems stay. */
	moveOn(): void;
}

const stayMs = { plain: 4_000, good: 4_000, bad: 12_000 };

export function createToasts(): Toasts {
	const list = signal<readonly Toast[]>([]);
	let last = 0;
	const dismiss = (id: number) => {
		list.value = list.value.filter((toast) => toast.id !== id);
	};
	const show: Toasts["show"] = (text, { tone = "plain", detail } = {}) => {
		const id = ++last;
		list.value = [...list.value.slice(-3), { id, tone, text, ...(detail === undefined ? {} : { detail }) }];
		setTimeout(() => dismiss(id), stayMs[tone]);
	};
	return {
		list,
		show,
		dismiss,
		moveOn() {
			if (list.peek().some((toast) => toast.tone === "plain")) {
				list.value = list.peek().filter((toast) => toast.tone !== "plain");
			}
		},
		problem: (problem) =>
			show(problem.detail, { tone: "bad", detail: problem.next ?? problemCatalogue[problem.code].next }),
	};
}
