import { useSession } from "./session-context.ts";

/**
 * Brings a step, or a heading, into view, drawn or not; with `focus`, keys go on from there. The address follows, so that
 * a reload comes back.
 */
export function useGoToStep(): (name: string, focus?: boolean) => void {
	const { sought } = useSession();
	return (name, focus = false) => {
		sought.value = name;
		requestAnimationFrame(() => {
			const element = document.getElementById(name) ?? document.querySelector(`[data-step="${CSS.escape(name)}"]`);
			if (!element) return;
			const block = element.matches("h1, h2, h3, h4") ? "start" : "nearest";
			element.scrollIntoView({ block });
			history.replaceState(null, "", `#${encodeURIComponent(name)}`);
			if (focus) element.closest<HTMLElement>("[data-unit]")?.focus({ preventScroll: true });
		});
	};
}
