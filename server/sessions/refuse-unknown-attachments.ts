import { createHash } from "node:crypto";
import { ProblemError } from "../../core/problem.ts";
import type { Attachment } from "../../core/session-event.ts";
import { pictureType } from "../records/picture-type.ts";
import type { RecordingStore } from "../records/recording-store.ts";

/**
 * An event vouches for what is attached to it for good, so each must be in the store as it is named: these bytes, so many,
 * of this kind. Throws `attachment-unknown`. What is in the store is never taken out of it.
 */
export async function refuseUnknownAttachments(
	recordings: Pick<RecordingStore, "readAttachment">,
	attachments: readonly Attachment[],
): Promise<void> {
	for (const { sha256, mediaType, bytes } of attachments) {
		const stored = await recordings.readAttachment(sha256);
		if (stored === null)
			throw new ProblemError("attachment-unknown", `Nothing with the digest ${sha256} was uploaded.`);
		if (
			stored.length !== bytes ||
			pictureType(stored) !== mediaType ||
			createHash("sha256").update(stored).digest("hex") !== sha256
		) {
			throw new ProblemError(
				"attachment-unknown",
				`What was uploaded as ${sha256} has other bytes or is of another kind.`,
			);
		}
	}
}
