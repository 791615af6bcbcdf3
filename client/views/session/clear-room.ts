/** What the bars above and below leave free of the window, in CSS pixels, less so much air at either end. */
export function clearRoom(air: number): { top: number; bottom: number } {
	const header = document.querySelector(".app-header")?.getBoundingClientRect().bottom ?? 0;
	const bars = [...document.querySelectorAll(".bottom-bar, .phone-bar")].map((bar) => bar.getBoundingClientRect());
	const below = bars.filter((bar) => bar.height > 0).map((bar) => bar.top);
	return { top: header + air, bottom: Math.min(window.innerHeight, ...below) - air };
}
