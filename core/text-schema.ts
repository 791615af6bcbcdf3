import { z } from "zod";
import { isWellFormed } from "./well-formed.ts";

/** What is wrong with text that is not well-formed. */
export const cutInHalf = "holds half of a character (a lone surrogate)";

/** Text from outside: at most `max` UTF-16 units, and nothing that a record can't keep. */
export function textSchema(max: number): z.ZodString {
	return z.string().max(max).refine(isWellFormed, cutInHalf);
}
