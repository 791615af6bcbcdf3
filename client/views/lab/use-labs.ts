import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LabKindStatus, LabStatus } from "../../../core/lab.ts";
import type { Problem } from "../../../core/problem.ts";
import { problemOf } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";

export interface Labs {
	/** Null until the server has said. */
	kinds: ReadonlySignal<readonly LabKindStatus[] | null>;
	labs: ReadonlySignal<readonly LabStatus[]>;
	problem: ReadonlySignal<Problem | null>;
	reload(): void;
}

/** The labs of the server's machine, followed while the page is shown. */
export function useLabs(): Labs {
	const { connection } = useApp();
	const kinds = useSignal<readonly LabKindStatus[] | null>(null);
	const labs = useSignal<readonly LabStatus[]>([]);
	const problem = useSignal<Problem | null>(null);
	const watch = useRef(() => {});
	useEffect(() => {
		let gone = false;
		watch.current = () => {
			connection.request("lab.watch", {}).then(
				(answer) => {
					if (gone) return;
					kinds.value = answer.kinds;
					labs.value = answer.labs;
					problem.value = null;
				},
				(thrown) => {
					if (!gone) problem.value = problemOf(thrown);
				},
			);
		};
		watch.current();
		const stops = [
			connection.onPush("lab.state", (heard) => {
				labs.value = heard.labs;
			}),
			connection.onReconnect(() => watch.current()),
		];
		return () => {
			gone = true;
			for (const stop of stops) stop();
			connection.request("lab.unwatch", {}).catch(() => {});
		};
	}, [connection, kinds, labs, problem]);
	return { kinds, labs, problem, reload: () => watch.current() };
}
