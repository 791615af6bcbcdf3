import type { StepTypeName } from "./index.ts";
import { manualView } from "./manual/client.tsx";
import { noteView } from "./note/client.tsx";
import { redisView } from "./redis/client.tsx";
import { shellView } from "./shell/client.tsx";
import type { StepView } from "./step-view.ts";
import { waitView } from "./wait/client.tsx";

/** The view of each step type: the compiler names a type that has none. */
export const stepViews: Record<StepTypeName, StepView> = {
	shell: shellView,
	redis: redisView,
	manual: manualView,
	wait: waitView,
	note: noteView,
};
