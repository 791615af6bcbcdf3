import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { type Problem, ProblemError } from "../core/problem.ts";
import { environments } from "../core/target.ts";
import type { AnyTargetKind, Target } from "../targets/target-kind.ts";
import { invalid, invalidField, readYaml } from "./config-file.ts";

/** What a target or a folder of runbooks may be called. */
export const settingName = z
	.string()
	.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "expected a name: letters, digits, `-` and `_`, at most 64 of them");
const environment = z.enum(environments);
const target = z.looseObject({ kind: z.string(), environment });

/** Targets by name, before their kinds have read them. */
export const targetsSchema = z.record(settingName, target);

const targetsFileSchema = z.strictObject({ targets: targetsSchema });

/**
 * The targets that running labs have written to `<data>/labs/<name>/targets.yaml`. Read anew when labs come and go.
 * A file that can't be read is told as a problem and stops nothing else.
 */
export function labTargets(
	dataFolder: string,
	kinds: readonly AnyTargetKind[],
): { targets: Target[]; problems: Problem[] } {
	const folder = join(dataFolder, "labs");
	const targets: Target[] = [];
	const problems: Problem[] = [];
	let labs: string[] = [];
	try {
		labs = readdirSync(folder).sort();
	} catch {
		return { targets, problems };
	}
	for (const lab of labs) {
		const file = join(folder, lab, "targets.yaml");
		if (!existsSync(file)) continue;
		try {
			const read = readYaml(file, targetsFileSchema);
			for (const [key, value] of Object.entries(read.targets)) {
				targets.push(readTarget(key, value, kinds, file, dirname(file)));
			}
		} catch (error) {
			// The file may go away between the look and the read: that lab is down then.
			if (error instanceof ProblemError) problems.push(error.problem);
		}
	}
	return { targets, problems };
}

/** Reads one target, whose name is `key`, as its kind wants it. Throws `config-invalid`. */
export function readTarget(
	key: string,
	value: z.infer<typeof target>,
	kinds: readonly AnyTargetKind[],
	file: string,
	base: string,
): Target {
	const { kind: kindName, environment, ...rest } = value;
	const kind = kinds.find((k) => k.kind === kindName);
	if (!kind) {
		const known = kinds.map((k) => k.kind).join(", ");
		throw invalid(file, `targets.${key}.kind`, `there is no kind \`${kindName}\`; the kinds are ${known}`);
	}
	const parsed = kind.config.safeParse(resolveFiles(rest, base));
	if (!parsed.success) throw invalidField(file, ["targets", key], parsed.error);
	return { name: key, kind: kindName, environment, config: parsed.data };
}

/** The path of a `{file: path}` anywhere in a target, and those of its TLS files, are relative to the file that names them. */
function resolveFiles(value: unknown, base: string, tls = false): unknown {
	if (Array.isArray(value)) return value.map((v) => resolveFiles(v, base));
	if (typeof value !== "object" || value === null) return value;
	const paths = tls ? ["ca", "cert", "key"] : ["file"];
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) =>
			paths.includes(key) && typeof inner === "string"
				? [key, resolve(base, inner)]
				: [key, resolveFiles(inner, base, /tls$/i.test(key))],
		),
	);
}
