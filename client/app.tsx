/* The shell: the page that the address means, toasts, the state of the line, the map of keys and the palette. */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { problem } from "../core/problem.ts";
import { AppHeader } from "./components/app-header.tsx";
import { Button } from "./components/button.tsx";
import { KeysDialog } from "./components/keys-dialog.tsx";
import { LineNotice } from "./components/line-notice.tsx";
import { EmptyState, ErrorState } from "./components/page-state.tsx";
import { Palette } from "./components/palette.tsx";
import { ToastList } from "./components/toast-list.tsx";
import { useKeys } from "./keys/use-keys.ts";
import { pageLoaders } from "./pages.ts";
import { AppContext, type App as AppParts } from "./shell/app-context.ts";
import type { Route } from "./shell/router.ts";

export function App({ app }: { app: AppParts }) {
	return (
		<AppContext.Provider value={app}>
			<Pages app={app} />
			<LineNotice />
			<ToastList />
		</AppContext.Provider>
	);
}

interface Loaded {
	page: Route["page"];
	Page: ComponentType<{ route: Route }> | null;
	failed?: string;
}

function Pages({ app }: { app: AppParts }) {
	const loaded = useSignal<Loaded | null>(null);
	const over = useSignal<"keys" | "palette" | null>(null);
	const route = app.router.route.value;
	useSignalEffect(() => {
		const { page } = app.router.route.value;
		if (loaded.peek()?.page === page) return;
		const load = pageLoaders[page] as (() => Promise<ComponentType<{ route: Route }>>) | undefined;
		if (!load) {
			loaded.value = { page, Page: null };
			return;
		}
		load().then(
			(Page) => {
				if (app.router.route.peek().page === page) loaded.value = { page, Page };
			},
			(thrown) => {
				loaded.value = { page, Page: null, failed: String(thrown) };
			},
		);
	});
	useKeys([
		{ keys: "g l", group: "Go", label: "Library", run: () => app.router.navigate("/") },
		{ keys: "g r", group: "Go", label: "Record", run: () => app.router.navigate("/record") },
		{ keys: "g b", group: "Go", label: "Lab", run: () => app.router.navigate("/lab") },
		{
			keys: "?",
			group: "Go",
			label: "The map of keys",
			run: () => {
				over.value = "keys";
			},
		},
		{
			keys: "Ctrl+k",
			group: "Go",
			label: "Anything",
			whileTyping: true,
			hidden: true,
			run: () => {
				over.value = "palette";
			},
		},
	]);
	const close = () => {
		over.value = null;
	};
	const shown = loaded.value;
	return (
		<>
			{shown?.Page && shown.page === route.page ? (
				<shown.Page route={route} key={pageKey(route)} />
			) : shown?.failed !== undefined ? (
				<NoPage>
					<ErrorState
						problem={problem("server-not-running", "This page could not be loaded.", {
							next: "The server may have been updated: load the page again.",
						})}
						retry={() => location.reload()}
					/>
				</NoPage>
			) : shown && shown.page === route.page ? (
				<NoPage>
					<EmptyState
						icon="circle-help"
						title="There is nothing at this address."
						action={<Button href="/">To the library</Button>}
					>
						It may have been mistyped, or the session or runbook is gone.
					</EmptyState>
				</NoPage>
			) : null}
			{over.value === "keys" && <KeysDialog onClose={close} />}
			{over.value === "palette" && <Palette onClose={close} />}
		</>
	);
}

function NoPage({ children }: { children: preact.ComponentChildren }) {
	return (
		<>
			<AppHeader />
			<main>{children}</main>
		</>
	);
}

/** Another runbook or session is another page; another place in the same one is not. */
function pageKey(route: Route): string {
	if (route.page === "runbook") return `runbook ${route.path}`;
	if (route.page === "session" || route.page === "replay") return `${route.page} ${route.session}`;
	return route.page;
}
