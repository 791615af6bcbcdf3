/* The edge below: the keys that matter now; who drives, and how far the record has got. */
import { useComputed } from "@preact/signals";
import { Button } from "../../components/button.tsx";
import { KeyHint } from "../../components/key-hint.tsx";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { useSession } from "./session-context.ts";
import "./bottom-bar.css";

export function BottomBar() {
	const { store, control, driving } = useSession();
	const { me } = useApp();
	const closed = store.state.value?.status === "closed";
	const last = useComputed(() => store.events.value.at(-1));
	const presence = store.presence.value;
	const driver = presence.find((p) => p.driving);
	const watching = presence.filter((p) => !p.driving).length;
	const drives =
		driver === undefined
			? "nobody here drives"
			: driver.person === me.value?.person
				? "you drive"
				: `${driver.name} drives`;
	return (
		<footer class="bottom-bar">
			<div class="bottom-bar__keys">
				{control.runningOn.value ? (
					<span class="bottom-bar__on">
						<strong>running on</strong>
						<Button size="small" onClick={() => control.stopRunningOn()}>
							Stop after this step
						</Button>
					</span>
				) : (
					<>
						<Key keys="j k" words="move" />
						{driving.value && !closed && <Key keys="Enter" words="run" />}
						{driving.value && !closed && <Key keys="R" words="run on" />}
						<Key keys="o" words="output" />
						{!closed && <Key keys="n" words="note" />}
						<Key keys="?" words="keys" />
						<Key keys={isMac() ? "⌘K" : "Ctrl+K"} words="anything" />
					</>
				)}
			</div>
			<div class="bottom-bar__right">
				{closed ? (
					<Button size="small" href={pageAddress.replay(store.session)}>
						Open the record
					</Button>
				) : (
					<span>
						{drives}
						{watching > 0 && (
							<>
								{" · "}
								<strong>
									{watching} {watching === 1 ? "watches" : "watch"}
								</strong>
							</>
						)}
					</span>
				)}
				{last.value && (
					<span title={`The last event: ${last.value.hash}`}>
						event <strong>#{last.value.seq}</strong> ·{" "}
						<span class="mono">
							{last.value.hash.slice(0, 4)}…{last.value.hash.slice(-4)}
						</span>
					</span>
				)}
			</div>
		</footer>
	);
}

function Key({ keys, words }: { keys: string; words: string }) {
	return (
		<span class="bottom-bar__key">
			<KeyHint keys={keys} /> {words}
		</span>
	);
}

function isMac(): boolean {
	return /Mac|iPhone|iPad/.test(navigator.platform);
}
