/* Where the browser's half begins: builds what pages use, and hands it down. */
// First: it says the order of the layers, which is that of their first mention.
import "./styles/tokens.css";
import "./styles/base.css";
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { httpRoutes, type Replies } from "../core/protocol.ts";
import { App } from "./app.tsx";
import { createConnection, isLineOver } from "./connection/connection.ts";
import { createKeyboard } from "./keys/keyboard.ts";
import type { App as AppParts } from "./shell/app-context.ts";
import { createClock } from "./shell/clock.ts";
import { dropDrafts } from "./shell/drafts-in-tab.ts";
import { createRouter } from "./shell/router.ts";
import { createTheme } from "./shell/theme.ts";
import { createToasts } from "./shell/toasts.ts";

const connection = createConnection(window);
const me = signal<Replies["me.read"] | null>(null);
const app: AppParts = {
	connection,
	router: createRouter(window),
	clock: createClock(window),
	theme: createTheme(window),
	toasts: createToasts(),
	keyboard: createKeyboard(window),
	me,
};

// Whoever sits here next is perhaps another.
effect(() => {
	if (isLineOver(connection.line.value)) dropDrafts(window, null);
});

effect(() => {
	const { status } = connection.line.value;
	if (status === "online" && me.peek() === null) {
		connection.request("me.read", {}).then(
			(answer) => {
				connection.bind(answer.person);
				dropDrafts(window, answer.person);
				me.value = answer;
			},
			() => {
				// Asked again with the next connection.
			},
		);
	}
	// Nothing is on the page yet that would be lost.
	if (status === "signed-out" && me.peek() === null) {
		window.location.assign(
			`${httpRoutes.signIn}?next=${encodeURIComponent(window.location.pathname + window.location.search + window.location.hash)}`,
		);
	}
});

const root = document.getElementById("app");
if (root) render(<App app={app} />, root);
