/* How long ago, kept true while it is shown. `at` is ISO, UTC; the whole moment is on hover. */
import { useComputed } from "@preact/signals";
import { useApp } from "../shell/app-context.ts";
import { ageWords } from "../words/age-words.ts";
import { utcMoment } from "../words/utc-words.ts";

export function Age({ at }: { at: string }) {
	const { clock } = useApp();
	const words = useComputed(() => ageWords(clock.now.value - Date.parse(at)));
	return (
		<time dateTime={at} title={utcMoment(at)}>
			{words}
		</time>
	);
}
