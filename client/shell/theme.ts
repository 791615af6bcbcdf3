import { type ReadonlySignal, signal } from "@preact/signals";

export type ThemeChoice = "system" | "light" | "dark";

export interface Theme {
	choice: ReadonlySignal<ThemeChoice>;
	choose(choice: ThemeChoice): void;
	/** Light or dark, whatever decided it. */
	shown(): "light" | "dark";
}

const key = "runledger.theme";

/** Light or dark: the system decides until a person does; their choice is kept in this browser. */
export function createTheme(window: Window): Theme {
	const root = window.document.documentElement;
	const stored = read(window);
	const choice = signal<ThemeChoice>(stored);
	const apply = (value: ThemeChoice) => {
		if (value === "system") root.removeAttribute("data-theme");
		else root.setAttribute("data-theme", value);
	};
	apply(stored);
	return {
		choice,
		choose(value) {
			choice.value = value;
			apply(value);
			try {
				if (value === "system") window.localStorage.removeItem(key);
				else window.localStorage.setItem(key, value);
			} catch {
				// Storage may be forbidden; the choice then lasts as long as the page.
			}
		},
		shown() {
			if (choice.value !== "system") return choice.value;
			return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
		},
	};
}

function read(window: Window): ThemeChoice {
	try {
		const value = window.localStorage.getItem(key);
		return value === "light" || value === "dark" ? value : "system";
	} catch {
		return "system";
	}
}
