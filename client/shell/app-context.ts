import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Replies } from "../../core/protocol.ts";
import type { Connection } from "../connection/connection.ts";
import type { Keyboard } from "../keys/keyboard.ts";
import type { Clock } from "./clock.ts";
import type { Router } from "./router.ts";
import type { Theme } from "./theme.ts";
import type { Toasts } from "./toasts.ts";

/** What every page may use. Made once in main.tsx and handed down. */
export interface App {
	connection: Connection;
	router: Router;
	clock: Clock;
	theme: Theme;
	toasts: Toasts;
	keyboard: Keyboard;
	/** Who is signed in; null until the server has said. */
	me: ReadonlySignal<Replies["me.read"] | null>;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
	const app = useContext(AppContext);
	if (!app) throw new Error("useApp is called outside the app");
	return app;
}
