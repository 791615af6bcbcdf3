/* The last lines of a node's log, read anew every two seconds; what is looked for is marked, other lines can be left out. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LabStatus } from "../../../core/lab.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { problemOf } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";
import { countWords } from "../../words/count-words.ts";
import { cutAtRanges, findInText } from "../replay/find-in-text.ts";
import "./logs-dialog.css";

const readEveryMs = 2_000;
const lines = 500;

/** The field keeps the focus while the lines below it are read: by how much of their box a key moves them. */
const scrollKeys: Record<string, number> = { ArrowUp: -0.1, ArrowDown: 0.1, PageUp: -0.9, PageDown: 0.9 };

export function LogsDialog({
	lab,
	node,
	choose,
	onClose,
}: {
	lab: LabStatus;
	node: string;
	choose: (node: string) => void;
	onClose: () => void;
}) {
	const { connection } = useApp();
	const read = useSignal<string[] | null>(null);
	const failed = useSignal<string | null>(null);
	const find = useSignal("");
	const box = useRef<HTMLPreElement>(null);
	useEffect(() => {
		let gone = false;
		let timer: ReturnType<typeof setTimeout>;
		read.value = null;
		const again = () => {
			connection
				.request("lab.logs", { name: lab.name, node, lines })
				.then(
					(answer) => {
						if (gone) return;
						const atEnd =
							box.current === null || box.current.scrollTop + box.current.clientHeight >= box.current.scrollHeight - 24;
						read.value = answer.lines;
						failed.value = null;
						if (atEnd) requestAnimationFrame(() => box.current?.scrollTo(0, box.current.scrollHeight));
					},
					(thrown) => {
						if (!gone) failed.value = problemOf(thrown).detail;
					},
				)
				.finally(() => {
					if (!gone) timer = setTimeout(again, readEveryMs);
				});
		};
		again();
		return () => {
			gone = true;
			clearTimeout(timer);
		};
	}, [connection, lab.name, node, read, failed]);
	const shown = useComputed(() =>
		find.value.trim() === ""
			? (read.value ?? [])
			: (read.value ?? []).filter((line) => findInText(line, find.value).length > 0),
	);
	return (
		<Dialog title={`Log of ${node}`} wide onClose={onClose}>
			<div class="lab-logs">
				<div class="lab-logs__bar">
					<label>
						<span class="sr-only">Node</span>
						<select class="input input--mono" value={node} onChange={(event) => choose(event.currentTarget.value)}>
							{lab.nodes.map(({ name }) => (
								<option key={name} value={name}>
									{name}
								</option>
							))}
						</select>
					</label>
					<input
						class="input"
						type="search"
						data-focus
						aria-label="Only lines with"
						placeholder="Only lines with …"
						value={find.value}
						onInput={(event) => {
							find.value = event.currentTarget.value;
						}}
						onKeyDown={(event) => {
							const by = scrollKeys[event.key];
							if (by === undefined || box.current === null) return;
							event.preventDefault();
							box.current.scrollBy(0, by * box.current.clientHeight);
						}}
					/>
					<span class="faint">{read.value === null ? "" : countWords(shown.value.length, "line")}</span>
					<CopyButton text={() => shown.peek().join("\n")} label="Copy these lines" />
				</div>
				{failed.value !== null && <p class="lab-logs__failed">{failed.value}</p>}
				<pre ref={box} class="lab-logs__lines" role="log" aria-live="off" aria-label={`The last lines of ${node}`}>
					{read.value === null
						? "Reading …"
						: shown.value.length === 0
							? find.value.trim() === ""
								? "The log is empty."
								: "No line has that."
							: shown.value.map((line, i) => (
									<span key={i}>
										{cutAtRanges(line, findInText(line, find.value)).map((part, j) =>
											part.marked ? <mark key={j}>{part.text}</mark> : part.text,
										)}
										{"\n"}
									</span>
								))}
				</pre>
			</div>
		</Dialog>
	);
}
