/* Notes that people put on a step, with their pictures. */
import { useComputed } from "@preact/signals";
import { httpRoutes } from "../../../../core/protocol.ts";
import type { NoteState } from "../../../../core/session-state.ts";
import { Age } from "../../../components/age.tsx";
import { Icon } from "../../../components/icon.tsx";
import { contentText } from "../parse-content.ts";
import { useSession } from "../session-context.ts";
import "./step-notes.css";

const none: readonly NoteState[] = [];

export function StepNotes({ step }: { step: string | null }) {
	const { store } = useSession();
	const notes = useComputed(() => {
		const all = store.notes.value;
		if (all.length === 0) return none;
		const mine = all.filter((note) => (note.step ?? null) === step);
		return mine.length === 0 ? none : mine;
	});
	if (notes.value.length === 0) return null;
	return (
		<ul class="step-notes">
			{notes.value.map((note) => (
				<Note key={note.note} note={note} />
			))}
		</ul>
	);
}

function Note({ note }: { note: NoteState }) {
	const { personName } = useSession();
	return (
		<li>
			<Icon name="note" size={14} />
			<div>
				<p class="step-notes__text">{contentText(note.text)}</p>
				{note.attachments.length > 0 && (
					<div class="step-notes__pictures">
						{note.attachments.map((picture, i) => (
							<a key={picture.sha256} href={httpRoutes.attachment(picture.sha256)} target="_blank" rel="noreferrer">
								<img
									src={httpRoutes.attachment(picture.sha256)}
									alt={`Note by ${personName(note.by)}, ${i + 1}`}
									loading="lazy"
								/>
							</a>
						))}
					</div>
				)}
				<p class="faint">
					{personName(note.by)}, <Age at={note.at} />
				</p>
			</div>
		</li>
	);
}
