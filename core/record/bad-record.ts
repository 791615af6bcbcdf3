/** The first place that is not as it was written. */
export type FirstBad = { stream: string; seq: number } | { recording: string } | { file: string };

/** Thrown while a record is verified: the place, and one sentence on what is wrong there. */
export class BadRecord extends Error {
	readonly place: FirstBad;

	constructor(place: FirstBad, reason: string) {
		super(reason);
		this.name = "BadRecord";
		this.place = place;
	}
}

/** The place that a file of a record is. */
export function placeOf(file: string): FirstBad {
	return file.startsWith("recordings/") ? { recording: file } : { file };
}
