/* Says at once that the line to the server is gone, since when, and what still holds. It covers nothing: it pushes in below the header only when shown. */
import { useComputed } from "@preact/signals";
import { useApp } from "../shell/app-context.ts";
import { durationWords } from "../words/duration-words.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import "./line-notice.css";

export function LineNotice() {
	const { connection, clock } = useApp();
	const since = useComputed(() => {
		clock.now.value;
		return Math.max(0, Math.floor((Date.now() - connection.line.value.since) / 1000)) * 1000;
	});
	const { status } = connection.line.value;
	if (status === "signed-out") {
		return (
			<div class="line-notice line-notice--out" role="alert">
				<Icon name="lock" />
				<span>
					<strong>This sign-in has ended.</strong> What you see is as it was then.
				</span>
				<Button size="small" href={`/sign-in?next=${encodeURIComponent(location.pathname + location.hash)}`}>
					Sign in
				</Button>
			</div>
		);
	}
	if (status === "somebody-else") {
		return (
			<div class="line-notice line-notice--out" role="alert">
				<Icon name="lock" />
				<span>
					<strong>Somebody else has signed in in this browser.</strong> What you see is as it was before, and nothing
					goes out from here.
				</span>
				<Button size="small" onClick={() => location.reload()}>
					Load again
				</Button>
			</div>
		);
	}
	if (status !== "offline") return null;
	return (
		<div class="line-notice" role="alert">
			<Icon name="wifi-off" />
			<span>
				<strong>No line to the server</strong> for {durationWords(since.value)}. What ran then may be going on there;
				what you see is as last heard, and this page catches up by itself.
			</span>
			<Button size="small" onClick={() => connection.retry()}>
				Try now
			</Button>
		</div>
	);
}
