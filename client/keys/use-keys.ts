/* Keys of a component while it is shown: `useKeys([{ keys: "j", label: "next", group: "Move", run }])`. `run` is always the latest. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { useApp } from "../shell/app-context.ts";
import type { KeyBinding } from "./key-map.ts";

export function useKeys(bindings: readonly KeyBinding[]): void {
	const { keyboard } = useApp();
	const latest = useRef(bindings);
	latest.current = bindings;
	const shape = bindings.map((b) => `${b.keys}|${b.label}`).join("\n");
	// Bindings are compared by their shape; what they do is read when they run. They are in force before what they are
	// for is painted: whoever sees it may press its key.
	useLayoutEffect(() => {
		const stable = latest.current.map(
			(binding, i): KeyBinding => ({
				...binding,
				enabled: () => latest.current[i]?.enabled?.() ?? true,
				run: () => latest.current[i]?.run(),
			}),
		);
		return keyboard.add(stable);
	}, [keyboard, shape]);
}
