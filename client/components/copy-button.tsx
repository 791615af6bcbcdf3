/* Copies a text and says so where it stands. Works over plain HTTP. */
import { useSignal } from "@preact/signals";
import { copyText } from "../shell/copy-text.ts";
import { Button } from "./button.tsx";
import type { IconName } from "./icon.tsx";

export function CopyButton({
	text,
	label = "Copy",
	words,
	icon = "copy",
}: {
	text: string | (() => string);
	label?: string;
	words?: string;
	icon?: IconName;
}) {
	const done = useSignal<boolean | null>(null);
	return (
		<Button
			kind="quiet"
			size="small"
			icon={done.value === true ? "check" : done.value === false ? "x" : icon}
			label={done.value === true ? "Copied" : done.value === false ? "The browser did not allow it" : label}
			onClick={async () => {
				done.value = await copyText(typeof text === "string" ? text : text());
				setTimeout(() => {
					done.value = null;
				}, 1_500);
			}}
		>
			{words}
		</Button>
	);
}
