/* Asks the server while a component is shown: `const list = useRequest("library.list", {})`. Asked again after a reconnect and by `reload()`. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../../core/problem.ts";
import type { Replies, RequestArgument, RequestName } from "../../core/protocol.ts";
import { useApp } from "../shell/app-context.ts";
import { problemOf } from "./connection.ts";

export interface Requested<T> {
	/** The latest answer; stays while a newer one is awaited. */
	data: ReadonlySignal<T | null>;
	problem: ReadonlySignal<Problem | null>;
	loading: ReadonlySignal<boolean>;
	/** Whether `data` answers what is asked now, and not what was asked before. */
	current: boolean;
	reload(): void;
}

export function useRequest<N extends RequestName>(name: N, argument: RequestArgument<N>): Requested<Replies[N]> {
	const { connection } = useApp();
	const data = useSignal<Replies[N] | null>(null);
	const problem = useSignal<Problem | null>(null);
	const loading = useSignal(true);
	const answered = useSignal<string | null>(null);
	const turn = useRef(0);
	const key = JSON.stringify(argument);
	const load = useRef(() => {});
	load.current = () => {
		const mine = ++turn.current;
		loading.value = true;
		connection.request(name, argument).then(
			(answer) => {
				if (mine !== turn.current) return;
				answered.value = key;
				data.value = answer;
				problem.value = null;
				loading.value = false;
			},
			(thrown) => {
				if (mine !== turn.current) return;
				problem.value = problemOf(thrown);
				loading.value = false;
			},
		);
	};
	// `key` is the argument by value; `load` is always the latest.
	useEffect(() => {
		load.current();
		const off = connection.onReconnect(() => load.current());
		return () => {
			turn.current += 1;
			off();
		};
	}, [name, key, connection]);
	return { data, problem, loading, current: answered.value === key, reload: () => load.current() };
}
