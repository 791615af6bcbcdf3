/* What opens over a session's page, one at a time. The editor's part is loaded when it is first opened. */
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { useApp } from "../../../shell/app-context.ts";
import { useSession } from "../session-context.ts";

type StepDialog = ComponentType<{ step: string; onClose: () => void }>;
type NoteDialogType = ComponentType<{ step: string | null; onClose: () => void }>;

interface Dialogs {
	EditDialog: StepDialog;
	SkipDialog: StepDialog;
	AddStepDialog: StepDialog;
	NoteDialog: NoteDialogType;
	CloseDialog: ComponentType<{ onClose: () => void }>;
}

const load = async (): Promise<Dialogs> => ({
	...(await import("./edit-dialog.tsx")),
	...(await import("./skip-dialog.tsx")),
	...(await import("./add-step-dialog.tsx")),
	...(await import("./note-dialog.tsx")),
	...(await import("./close-dialog.tsx")),
});

export function SessionDialogs() {
	const { dialog } = useSession();
	const { toasts } = useApp();
	const loaded = useSignal<Dialogs | null>(null);
	const open = dialog.value;
	useEffect(() => {
		if (open === null || loaded.peek()) return;
		load().then(
			(dialogs) => {
				loaded.value = dialogs;
			},
			() => {
				dialog.value = null;
				toasts.show("This could not be loaded.", {
					tone: "bad",
					detail: "The server may have been updated: load the page again. Nothing of the session is lost by it.",
				});
			},
		);
	}, [open, loaded, dialog, toasts]);
	if (open === null || !loaded.value) return null;
	const { EditDialog, SkipDialog, AddStepDialog, NoteDialog, CloseDialog } = loaded.value;
	const close = () => {
		dialog.value = null;
	};
	switch (open.kind) {
		case "edit":
			return <EditDialog step={open.step} onClose={close} />;
		case "skip":
			return <SkipDialog step={open.step} onClose={close} />;
		case "add":
			return <AddStepDialog step={open.step} onClose={close} />;
		case "note":
			return <NoteDialog step={open.step} onClose={close} />;
		case "close":
			return <CloseDialog onClose={close} />;
	}
}
