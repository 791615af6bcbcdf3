import { ProblemError } from "../../../core/problem.ts";
import { httpRoutes } from "../../../core/protocol.ts";
import type { Attachment } from "../../../core/session-event.ts";

/** Stores a picture beside the record and gives what to attach. Throws ProblemError with what the server said. */
export async function storePicture(file: Blob): Promise<Attachment> {
	const response = await fetch(httpRoutes.attachments, {
		method: "POST",
		headers: { "content-type": file.type || "application/octet-stream" },
		body: file,
		credentials: "same-origin",
	});
	if (response.ok) return (await response.json()) as Attachment;
	if (response.status === 413) throw new ProblemError("too-large", "The picture is too large.");
	if (response.status === 415) throw new ProblemError("attachment-type");
	if (response.status === 401) throw new ProblemError("not-signed-in");
	throw new ProblemError("internal", `The picture could not be stored (${response.status}).`);
}

/** The pictures of a paste or a drop. */
export function picturesOf(data: DataTransfer | null): File[] {
	return [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}
