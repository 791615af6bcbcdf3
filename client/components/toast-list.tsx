/* The toasts, where they cover no button that one is about to press. Errors are read aloud at once. */
import { LineText } from "../../steps/prose-text.tsx";
import { useApp } from "../shell/app-context.ts";
import { Icon } from "./icon.tsx";
import "./toast-list.css";

export function ToastList() {
	const { toasts } = useApp();
	return (
		<div class="toast-list" aria-live="polite">
			{toasts.list.value.map((toast) => (
				<div key={toast.id} class={`toast toast--${toast.tone}`} role={toast.tone === "bad" ? "alert" : "status"}>
					<Icon name={toast.tone === "bad" ? "circle-alert" : toast.tone === "good" ? "check" : "info"} />
					<div>
						<p>
							<LineText text={toast.text} />
						</p>
						{toast.detail !== undefined && (
							<p class="muted">
								<LineText text={toast.detail} />
							</p>
						)}
					</div>
					<button type="button" aria-label="Dismiss" onClick={() => toasts.dismiss(toast.id)}>
						<Icon name="x" size={14} />
					</button>
				</div>
			))}
		</div>
	);
}
