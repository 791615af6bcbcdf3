/* Which file draws which page. Each is loaded when it is first opened. */
import type { ComponentType } from "preact";
import type { Route } from "./shell/router.ts";

type Page<P extends Route["page"]> = ComponentType<{ route: Extract<Route, { page: P }> }>;

type Loaders = { [P in Route["page"]]?: () => Promise<Page<P>> };

export const pageLoaders: Loaders = {
	library: async () => (await import("./views/library/library-page.tsx")).LibraryPage,
	runbook: async () => (await import("./views/runbook/runbook-page.tsx")).RunbookPage,
	session: async () => (await import("./views/session/session-page.tsx")).SessionPage,
	record: async () => (await import("./views/record/record-page.tsx")).RecordPage,
	replay: async () => (await import("./views/replay/replay-page.tsx")).ReplayPage,
	lab: async () => (await import("./views/lab/lab-page.tsx")).LabPage,
};
