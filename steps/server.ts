import type { StepTypeName } from "./index.ts";
import { manualExecutor } from "./manual/server.ts";
import { noteExecutor } from "./note/server.ts";
import { redisExecutor } from "./redis/server.ts";
import { shellExecutor } from "./shell/server.ts";
import type { StepExecutor } from "./step-executor.ts";
import type { StepHost } from "./step-host.ts";
import { waitExecutor } from "./wait/server.ts";

/** The executor of each step type: the compiler names a type that has none. */
export function stepExecutors(host: StepHost): Record<StepTypeName, StepExecutor<any>> {
	return {
		shell: shellExecutor(host),
		redis: redisExecutor(host),
		manual: manualExecutor,
		wait: waitExecutor(host),
		note: noteExecutor,
	};
}
