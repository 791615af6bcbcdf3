/*
 * The live terminal of a run: xterm, loaded with the first step that needs it. Sized to what is in it, up to its rows.
 * The driver types and sets the size; who watches sees. Every key belongs to it while it has the focus, also after the
 * process has ended; Shift+Esc leaves.
 */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../../components/button.tsx";
import { Icon } from "../../../components/icon.tsx";
import { KeyHint } from "../../../components/key-hint.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { focusUnit, isKeyboardFree } from "../focus-unit.ts";
import { fetchAtEnd } from "../output/output-cache.ts";
import { useSession } from "../session-context.ts";
import type { ScreenHandle } from "./xterm-screen.ts";
import "./live-terminal.css";

/** Characters that are kept of what is typed before the terminal is open. */
const mostEarly = 4_096;

/** `typing`: its program reads the keyboard. `takesFocus`: it is made to be answered, and asks for the focus when it stands. */
export function LiveTerminal({
	run,
	since,
	typing,
	takesFocus,
}: {
	run: string;
	since: string;
	typing: boolean;
	takesFocus: boolean;
}) {
	const { terminals, store, control, driving, arriving, typedInto, left, fullScreen } = useSession();
	const { clock, theme } = useApp();
	const place = useRef<HTMLDivElement>(null);
	const screen = useRef<ScreenHandle | null>(null);
	const focused = useComputed(() => typedInto.value.has(run));
	const setFocused = (on: boolean) => {
		if (typedInto.peek().has(run) === on) return;
		const next = new Set(typedInto.peek());
		if (on) next.add(run);
		else next.delete(run);
		typedInto.value = next;
	};
	const ended = useSignal(false);
	const failed = useSignal(false);
	const full = fullScreen.value === run;

	useEffect(() => {
		let disposed = false;
		let close = () => {};
		// The keyboard may be here before the server knows of this screen: what is typed till then goes out with its opening.
		let isOpen = false;
		let early = "";
		const stillRuns = () => store.state.peek()?.runs[run]?.status === "started";
		const arrived = () => {
			if (!arriving.peek().has(run)) return;
			const next = new Set(arriving.peek());
			next.delete(run);
			arriving.value = next;
		};
		arriving.value = new Set(arriving.peek()).add(run);
		import("./xterm-screen.ts").then(
			({ openScreen }) => {
				if (disposed || !place.current) return;
				const opened = openScreen(place.current, {
					mayType: () => typing && driving.peek() && stillRuns(),
					theme: theme.shown(),
					onInput: (data) => {
						if (isOpen) followed.input(data);
						else if (early.length < mostEarly) early += data;
					},
					onSize: (cols, rows) => {
						if (driving.peek() && stillRuns()) followed.resize(cols, rows);
					},
					onLeave: () => {
						left.value = new Set(left.peek()).add(run);
						const unit = control.current.peek()?.name;
						// When it has ended meanwhile, the keys are about what is next.
						if (!stillRuns() && unit !== undefined) focusUnit(unit);
						else place.current?.closest<HTMLElement>("[data-unit]")?.focus();
					},
				});
				screen.current = opened;
				if (takesFocus && driving.peek() && stillRuns() && isKeyboardFree(place.current)) opened.focus();
				const follow = (from: number | null) =>
					terminals.follow(
						run,
						{
							opened: (cols, rows) => {
								opened.opened(cols, rows, driving.peek());
								isOpen = true;
								if (early !== "" && driving.peek()) followed.input(early);
								early = "";
							},
							data: (bytes, done) => opened.write(bytes, done),
							snapshot: (bytes, done) => opened.restore(bytes, done),
							resized: (cols, rows) => {
								if (!driving.peek()) opened.resize(cols, rows);
							},
							ended: () => {
								ended.value = true;
								opened.end();
								// Its text takes the place of the screen in one go: nothing below moves up and down again.
								void fetchAtEnd(store, run).then(arrived);
							},
							problem: () => {
								followed.close();
								// It may not stand yet, in the moment between the intent and the terminal.
								if (stillRuns() && !disposed) {
									retry = window.setTimeout(() => (followed = follow(from)), 250);
									return;
								}
								ended.value = true;
								opened.end();
								arrived();
							},
						},
						from,
					);
				let retry = 0;
				// Who sees it begin gets every byte; who comes later gets the screen as it is.
				let followed = follow(clock.read() - Date.parse(since) < 3_000 ? 0 : null);
				close = () => {
					window.clearTimeout(retry);
					followed.close();
					opened.dispose();
				};
			},
			() => {
				failed.value = true;
				arrived();
			},
		);
		return () => {
			disposed = true;
			close();
			screen.current = null;
			arrived();
			setFocused(false);
		};
	}, [run, typing]);

	useEffect(() => {
		screen.current?.setFull(full);
	}, [full]);

	if (failed.value)
		return (
			<div class="live-terminal live-terminal--note">
				The terminal could not be loaded; the output comes when the step has ended.
			</div>
		);
	return (
		<div
			class={`live-terminal ${full ? "live-terminal--full" : ""} ${focused.value ? "live-terminal--focused" : ""}`}
			data-keys="all"
			data-terminal={run}
			onFocusIn={() => setFocused(true)}
			onFocusOut={(event) => {
				// Another window may take the focus for a while; here it is still in the terminal.
				if (document.hasFocus() || event.relatedTarget !== null) setFocused(false);
			}}
		>
			<div class="live-terminal__screen" ref={place} />
			<div class="live-terminal__foot">
				{ended.value ? (
					<span>ended; keys typed now go nowhere</span>
				) : !typing ? (
					<span>nothing here reads the keyboard</span>
				) : driving.value ? (
					<span>
						{focused.value ? (
							"every key goes to the program"
						) : (
							<button type="button" class="live-terminal__type" onClick={() => screen.current?.focus()}>
								<span class="by-key">
									press <KeyHint keys="i" />, or here, to type
								</span>
								<span class="by-hand">press here to type</span>
							</button>
						)}
					</span>
				) : (
					<span>you watch; only the driver types</span>
				)}
				{focused.value && (
					<span class="live-terminal__leave">
						<KeyHint keys="Shift+Escape" /> leaves the terminal
					</span>
				)}
				{full && (
					<span class="live-terminal__back">
						<Button
							size="small"
							icon="minimize"
							keys={focused.value ? undefined : "f"}
							onClick={() => {
								fullScreen.value = null;
							}}
						>
							Back to the page
						</Button>
					</span>
				)}
				{terminals.status.value !== "open" && !ended.value && (
					<span class="live-terminal__lost">
						<Icon name="wifi-off" size={13} />{" "}
						{terminals.status.value === "connecting" ? "connecting" : "line lost; it may be going on there"}
					</span>
				)}
			</div>
		</div>
	);
}
