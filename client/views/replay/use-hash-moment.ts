import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { placeOfHash, queryOfHash } from "./moment-link.ts";
import type { Replay } from "./replay-context.ts";
import type { ReplayTimeline } from "./replay-timeline.ts";

/** An address with a moment leads there, once it is known where that is. */
export function useHashMoment(replay: Replay, hash: string): void {
	const { source } = replay;
	const followed = useRef<string | null>(null);
	useSignalEffect(() => {
		const timeline = source.timeline.value;
		if (!timeline || followed.current === hash) return;
		followed.current = hash;
		follow(replay, hash, timeline);
	});
	useEffect(() => {
		if (followed.current === null || followed.current === hash) return;
		const timeline = source.timeline.peek();
		followed.current = hash;
		if (queryOfHash(hash) !== "") replay.query.value = queryOfHash(hash);
		if (timeline) follow(replay, hash, timeline);
	}, [hash, source, replay]);
}

function follow({ player, goTo }: Replay, hash: string, timeline: ReplayTimeline): void {
	const place = placeOfHash(hash, timeline);
	if (place === null) return;
	if (place.run) goTo(place.run, place.ms);
	else player.seek(place.at);
}
