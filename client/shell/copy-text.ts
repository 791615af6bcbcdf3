/**
 * Puts text on the clipboard. The clipboard's own interface needs HTTPS or loopback;
 * a server on a plain address gets the older way, which every browser still has. Gives whether it worked.
 */
export async function copyText(text: string): Promise<boolean> {
	try {
		if (window.isSecureContext && navigator.clipboard) {
			await navigator.clipboard.writeText(text);
			return true;
		}
	} catch {
		// Refused (focus, policy): try the older way.
	}
	const area = document.createElement("textarea");
	area.value = text;
	area.setAttribute("readonly", "");
	area.className = "sr-only";
	const focused = document.activeElement;
	// Inside an open dialog nothing outside of it can be selected.
	(document.querySelector("dialog[open]") ?? document.body).append(area);
	area.select();
	// What is drawn of the area is not the text: blanks fall together, and a copied command must be the command.
	const give = (event: ClipboardEvent) => {
		event.clipboardData?.setData("text/plain", text);
		event.preventDefault();
	};
	document.addEventListener("copy", give, { capture: true });
	let copied = false;
	try {
		copied = document.execCommand("copy");
	} catch {
		copied = false;
	}
	document.removeEventListener("copy", give, { capture: true });
	area.remove();
	if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
	return copied;
}
