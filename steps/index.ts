import type { StepType } from "../core/step-type.ts";
import { manualType } from "./manual/type.ts";
import { noteType } from "./note/type.ts";
import { redisType } from "./redis/type.ts";
import { shellType } from "./shell/type.ts";
import { waitType } from "./wait/type.ts";

/** The one list of step types, by name. A new type is a folder and a line here, in server.ts and in client.ts. */
export const stepTypes = {
	shell: shellType,
	redis: redisType,
	manual: manualType,
	wait: waitType,
	note: noteType,
} as const satisfies Record<string, StepType<any>>;

export type StepTypeName = keyof typeof stepTypes;

/** Step types by name, as the parser takes them. */
export type StepTypes = Readonly<Record<string, StepType<any>>>;
