/* A note for the record, on the step or on the session; pictures are pasted, dropped or chosen. */
import { useRef } from "preact/hooks";
import { httpRoutes } from "../../../../core/protocol.ts";
import type { Attachment } from "../../../../core/session-event.ts";
import { Button } from "../../../components/button.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { useSession } from "../session-context.ts";
import { picturesOf, storePicture } from "../store-picture.ts";
import { SendDialog } from "./send-dialog.tsx";
import { useDraft } from "./use-draft.ts";
import { useSubmit } from "./use-submit.ts";
import "./note-dialog.css";

export function NoteDialog({ step: current, onClose }: { step: string | null; onClose: () => void }) {
	const { store } = useSession();
	const { connection } = useApp();
	const draft = useDraft("note");
	// What was typed at a step is about that one, wherever it is gone on with.
	const step = draft.field("step", current).value;
	const text = draft.field("text", "");
	const pictures = draft.field<readonly Attachment[]>("pictures", []);
	const onStep = draft.field("on", step !== null);
	const { busy, problem, submit } = useSubmit();
	const title = step === null ? null : (store.specs.peek().get(step)?.title ?? step);
	const unstored = useRef<File[]>([]);
	const attach = (files: readonly File[]) => {
		// What comes while another picture is being stored waits for it.
		unstored.current.push(...files);
		if (busy.peek() || files.length === 0) return;
		submit(
			async () => {
				let failed: unknown = null;
				for (let file = unstored.current.shift(); file; file = unstored.current.shift()) {
					try {
						const stored = await storePicture(file);
						if (!pictures.peek().some((p) => p.sha256 === stored.sha256)) {
							pictures.value = [...pictures.peek(), stored];
						}
					} catch (thrown) {
						failed ??= thrown;
					}
				}
				if (failed !== null) throw failed;
			},
			() => {},
		);
	};
	const ready = text.value.trim() !== "" || pictures.value.length > 0;
	const save = () => {
		if (!ready) return;
		const run = step === null ? undefined : store.state.peek()?.steps[step]?.runs.at(-1);
		submit(
			() =>
				connection.request("note.add", {
					session: store.session,
					text: text.value.trim(),
					attachments: [...pictures.value],
					...(step === null || !onStep.value ? {} : { step, ...(run === undefined ? {} : { run }) }),
				}),
			() => {
				draft.forget();
				onClose();
			},
		);
	};
	return (
		<SendDialog
			title="Note"
			words="Record it"
			keys="Ctrl+Enter"
			leave="Not now"
			ready={ready}
			busy={busy}
			problem={problem.value}
			draft={draft}
			send={save}
			onClose={onClose}
		>
			<div
				class="dialog-note"
				onPaste={(event) => {
					const files = picturesOf(event.clipboardData);
					if (files.length === 0) return;
					event.preventDefault();
					attach(files);
				}}
				onDragOver={(event) => event.preventDefault()}
				onDrop={(event) => {
					event.preventDefault();
					attach(picturesOf(event.dataTransfer));
				}}
			>
				<textarea
					class="input"
					data-focus
					aria-label="The note"
					placeholder="What was seen, said or decided. Paste a picture here too."
					rows={5}
					value={text.value}
					onInput={(event) => {
						text.value = event.currentTarget.value;
					}}
				/>
				{pictures.value.length > 0 && (
					<div class="dialog-note__pictures">
						{pictures.value.map((picture, i) => (
							<figure key={picture.sha256}>
								<img src={httpRoutes.attachment(picture.sha256)} alt={`Attached ${i + 1}`} />
								<Button
									size="small"
									kind="quiet"
									icon="x"
									label={`Remove picture ${i + 1}`}
									onClick={() => {
										pictures.value = pictures.value.filter((p) => p !== picture);
									}}
								/>
							</figure>
						))}
					</div>
				)}
				<label class="dialog-note__file">
					<input
						type="file"
						class="sr-only"
						accept="image/png,image/jpeg,image/gif,image/webp"
						multiple
						onChange={(event) => {
							attach([...(event.currentTarget.files ?? [])]);
							event.currentTarget.value = "";
						}}
					/>
					Choose a picture
				</label>
			</div>
			{title !== null && (
				<label class="dialog-note__on">
					<input
						type="checkbox"
						checked={onStep.value}
						onChange={(event) => {
							onStep.value = event.currentTarget.checked;
						}}
					/>{" "}
					on the step {title}
				</label>
			)}
		</SendDialog>
	);
}
