import { localKind } from "./local/local-kind.ts";
import { redisKind } from "./redis/redis-kind.ts";
import type { AnyTargetKind } from "./target-kind.ts";

/** The one list of kinds of cluster: a kind is added by one folder and one line here. */
export const targetKinds: readonly AnyTargetKind[] = [redisKind, localKind];

/** The kind of this name, if there is one. */
export function targetKind(name: string): AnyTargetKind | undefined {
	return targetKinds.find((kind) => kind.kind === name);
}
