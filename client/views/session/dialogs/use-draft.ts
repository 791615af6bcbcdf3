import { useMemo } from "preact/hooks";
import type { Draft } from "../../../shell/drafts.ts";
import { useSession } from "../session-context.ts";

/** The draft of a dialog, e.g. `edit` of one step: opened once with it. */
export function useDraft(dialog: string): Draft {
	const { drafts } = useSession();
	return useMemo(() => drafts.open(dialog), [drafts, dialog]);
}
