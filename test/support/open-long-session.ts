import type { PageConnection } from "./server-process.ts";

/** A runbook of single steps that each write a line; `steps` is at most 1,000, as many as a runbook may have. */
export function longRunbook(title: string, steps: number): string {
	const blocks = Array.from({ length: steps }, (_, i) => {
		const part = i % 50 === 0 ? `## Part ${i / 50 + 1}\n\nWhat stands between steps is *prose*.\n\n` : "";
		const attributes = JSON.stringify({ name: `step-${i + 1}`, title: `Step ${i + 1}`, risk: "read" });
		return `${part}\`\`\`sh ${attributes}\necho "line of step ${i + 1}"\n\`\`\`\n`;
	});
	return `---\ntitle: ${title}\n---\n\n# ${title}\n\n${blocks.join("\n")}`;
}

/**
 * Opens a session of such a runbook, runs each of its steps by the requests that a page sends, and adds one more that is
 * still to be run. Gives the session. Rejects when a step does not succeed.
 */
export async function openLongSession(page: PageConnection, path: string, steps: number): Promise<string> {
	const { session } = await page.request("session.open", { path, kind: "change", values: {} });
	const waiting = new Map<string, (outcome: string) => void>();
	const ended = new Map<string, string>();
	page.socket.on("session.events", (push: { session: string; events: { type: string; data: unknown }[] }) => {
		if (push.session !== session) return;
		for (const { type, data } of push.events) {
			if (type !== "run.finished") continue;
			const { step, outcome } = data as { step: string; outcome: string };
			ended.set(step, outcome);
			waiting.get(step)?.(outcome);
		}
	});
	await page.request("session.watch", { session });
	for (let i = 1; i <= steps; i++) {
		const unit = `step-${i}`;
		const { plan, confirmation } = await page.request("plan.read", { session, unit });
		await page.request("run.request", { session, unit, planDigest: plan.digest, confirmation });
		const outcome = ended.get(unit) ?? (await new Promise<string>((resolve) => waiting.set(unit, resolve)));
		if (outcome !== "succeeded") throw new Error(`${unit} ${outcome}`);
		ended.delete(unit);
		waiting.delete(unit);
	}
	const added = { session, after: `step-${steps}`, type: "shell", title: "One more", body: "echo one more" } as const;
	await page.request("step.add", added);
	return session;
}
