import { setTimeout as delay } from "node:timers/promises";
import { ProblemError } from "../../core/problem.ts";
import type { Configuration } from "../config.ts";
import { isServing, remoteDesk } from "../control/control-client.ts";
import type { Desk } from "../control/desk.ts";
import type { Surroundings } from "../engine.ts";
import { controlPoint } from "./control-point.ts";

/** Another command that only lists or exports has the folder for less time than this: so many looks, so many milliseconds apart. */
const mostLooks = 50;
const betweenLooksMs = 100;

/**
 * The desk of the server that runs on the data folder; where none runs, the folder is opened by this process. One that
 * another process writes is waited for up to 5 s; then it throws `record-locked`.
 */
export async function openDesk(configuration: Configuration, around: Surroundings): Promise<Desk> {
	const point = controlPoint(configuration, around);
	for (let looks = 1; ; looks++) {
		if (await isServing(point)) return remoteDesk(point);
		try {
			// It is most of the program, and what a server answers needs none of it.
			const { openOwnDesk } = await import("./own-desk.ts");
			return await openOwnDesk(configuration, point.person, around);
		} catch (error) {
			const isLocked = error instanceof ProblemError && error.problem.code === "record-locked";
			if (!isLocked || looks >= mostLooks) throw error;
		}
		await delay(betweenLooksMs);
	}
}
