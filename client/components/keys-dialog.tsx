/* The map of keys (`?`): every binding in force, under its heading. */
import { useApp } from "../shell/app-context.ts";
import { Dialog } from "./dialog.tsx";
import { KeyHint } from "./key-hint.tsx";
import "./keys-dialog.css";

export function KeysDialog({ onClose }: { onClose: () => void }) {
	const { keyboard } = useApp();
	const groups = new Map<string, { keys: string[]; label: string }[]>();
	for (const { group, keys, label } of keyboard.bindings.value) {
		const rows = groups.get(group) ?? [];
		const row = rows.find((r) => r.label === label);
		if (row) row.keys.push(keys);
		else rows.push({ keys: [keys], label });
		groups.set(group, rows);
	}
	return (
		<Dialog title="Keys" wide onClose={onClose}>
			<div class="keys-dialog">
				{[...groups].map(([group, rows]) => (
					<section key={group}>
						<h3>{group}</h3>
						<dl>
							{rows.map((row) => (
								<div key={row.label}>
									<dt>
										{row.keys.map((keys) => (
											<KeyHint key={keys} keys={keys} />
										))}
									</dt>
									<dd>{row.label}</dd>
								</div>
							))}
						</dl>
					</section>
				))}
				<section>
					<h3>In a terminal</h3>
					<dl>
						<div>
							<dt>any key</dt>
							<dd>goes to the program, Esc and Ctrl+K too</dd>
						</div>
						<div>
							<dt>
								<KeyHint keys="Shift+Escape" />
							</dt>
							<dd>leave the terminal</dd>
						</div>
					</dl>
				</section>
			</div>
		</Dialog>
	);
}
