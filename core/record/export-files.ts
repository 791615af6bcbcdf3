/** The names of an export's files; `recordings/` and `attachments/` hold the others. */
export const exportFiles = {
	/** The session's events, verbatim, one a line. */
	events: "events.jsonl",
	/** The server's own events on the opening and closing of the session, verbatim. */
	serverHeads: "server-heads.jsonl",
	/** The texts beside the events, one canonical JSON object a line: `{content, ref, salt}` or `{erased: true, ref}`. */
	content: "content.jsonl",
	/** The Markdown as it was opened; absent when it was erased. */
	runbook: "runbook.md",
	/** What happened, in plain words. */
	account: "account.txt",
} as const;
