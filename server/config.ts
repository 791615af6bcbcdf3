import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import type { AnyTargetKind, Target } from "../targets/target-kind.ts";
import { invalid, readYaml } from "./config-file.ts";
import { readTarget, settingName, targetsSchema } from "./config-targets.ts";

/** What the environment and the command line say; handed in, so that nothing here reads a global. */
export interface ConfigurationSource {
	env: Record<string, string | undefined>;
	/** The working directory, for relative paths. */
	cwd: string;
	/** `--data` */
	data?: string | undefined;
	/** `--config` */
	config?: string | undefined;
	/** `--host`, `--port` */
	host?: string | undefined;
	port?: number | undefined;
	/** The kinds of cluster that this build knows. */
	kinds: readonly AnyTargetKind[];
}

/** A folder of runbooks; a runbook's path is `name/path/in/folder.md`. */
export interface RunbookFolder {
	name: string;
	folder: string;
}

/** Everything that can be set, parsed once. Sizes in bytes, times in milliseconds. */
export interface Configuration {
	dataFolder: string;
	/** The file that was read; null when there is none. */
	file: string | null;
	runbooks: RunbookFolder[];
	server: { host: string; port: number; origins: string[]; hosts: string[] };
	limits: {
		/** Terminal output of one run. */
		outputBytes: number;
		/** One runbook's source. */
		runbookBytes: number;
		/** Steps in one runbook. */
		steps: number;
		/** A step's time, unless it says otherwise. */
		timeoutMs: number;
	};
	shell: {
		/** What runs a shell step. */
		interpreter: string;
		/** The first working directory of a session; null is the server's own. */
		cwd: string | null;
		/** Names of variables of the server's environment that shell steps see beside the usual ones. */
		environment: string[];
	};
	/** The configured clusters, `local` always among them; labs' targets are not here but in `labTargets`. */
	targets: Target[];
}

const duration = z.string().transform((text, context) => {
	const ms = parseDuration(text);
	if (typeof ms === "number") return ms;
	context.addIssue({ code: "custom", message: "expected a duration such as 30s or 5m" });
	return z.NEVER;
});
const bytes = z.union([z.number().int().positive(), z.string()]).transform((value, context) => {
	if (typeof value === "number") return value;
	const match = /^(\d+)\s*(B|KB|KiB|MB|MiB|GB|GiB)$/i.exec(value.trim());
	const scale: Record<string, number> = { b: 1, kb: 1e3, kib: 2 ** 10, mb: 1e6, mib: 2 ** 20, gb: 1e9, gib: 2 ** 30 };
	const size = match ? Number(match[1]) * (scale[match[2]!.toLowerCase()] ?? Number.NaN) : Number.NaN;
	if (Number.isSafeInteger(size) && size > 0) return size;
	context.addIssue({ code: "custom", message: "expected a size such as 64MiB" });
	return z.NEVER;
});
const origin = z
	.string()
	.refine((text) => originOf(text) === text, "expected an origin such as https://runledger.example");
const host = z.string().regex(/^[a-z0-9.-]+$|^\[[0-9a-f:]+\]$/, "expected a host's name in lower case, without a port");

const fileSchema = z.strictObject({
	runbooks: z
		.array(z.union([z.string().min(1), z.strictObject({ name: settingName, folder: z.string().min(1) })]))
		.min(1)
		.optional(),
	server: z
		.strictObject({
			host: z.string().min(1).optional(),
			port: z.number().int().min(0).max(65_535).optional(),
			origins: z.array(origin).max(100).optional(),
			hosts: z.array(host).max(100).optional(),
		})
		.optional(),
	limits: z
		.strictObject({
			outputBytes: bytes.optional(),
			runbookBytes: bytes.optional(),
			steps: z.number().int().min(1).max(100_000).optional(),
			timeout: duration.optional(),
		})
		.optional(),
	shell: z
		.strictObject({
			interpreter: z.string().min(1).optional(),
			cwd: z.string().min(1).optional(),
			environment: z
				.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
				.max(200)
				.optional(),
		})
		.optional(),
	targets: targetsSchema.optional(),
});

/** The scheme, host and port of an address, or null when it is none. */
function originOf(text: string): string | null {
	try {
		const url = new URL(text);
		return url.protocol === "http:" || url.protocol === "https:" ? url.origin : null;
	} catch {
		return null;
	}
}

/** The folder of runbooks that ships with the product. */
function shippedRunbooks(): string {
	// From the source (server/) and from the build (dist/server/) alike: the first parent that has it.
	let folder = dirname(fileURLToPath(import.meta.url));
	for (let up = 0; up < 4; up++) {
		if (existsSync(join(folder, "package.json"))) return join(folder, "runbooks");
		folder = dirname(folder);
	}
	return join(folder, "runbooks");
}

/**
 * Reads `runledger.yaml` and the environment into one value. Throws `config-invalid` with the field's path,
 * and with its line and column, for anything that it does not know or can't use.
 * The file: `--config`, else RUNLEDGER_CONFIG, else `runledger.yaml` in the working directory when there is one.
 */
export function readConfiguration(source: ConfigurationSource): Configuration {
	const named = namedConfiguration(source);
	const usual = resolve(source.cwd, "runledger.yaml");
	const file = named ?? (existsSync(usual) ? usual : null);
	const read = file === null ? {} : readYaml(file, fileSchema);
	const base = file === null ? source.cwd : dirname(file);
	const from = (path: string) => (isAbsolute(path) ? path : resolve(base, path));
	const dataFolder = resolve(source.cwd, source.data ?? source.env.RUNLEDGER_DATA ?? ".runledger");

	const folders = (read.runbooks ?? [{ name: "runbooks", folder: shippedRunbooks() }]).map((entry) =>
		typeof entry === "string"
			? { name: folderName(entry), folder: from(entry) }
			: { ...entry, folder: from(entry.folder) },
	);
	const seen = new Set<string>();
	for (const folder of folders) {
		if (seen.has(folder.name)) {
			throw invalid(file, "runbooks", `two folders are called \`${folder.name}\`; give one another \`name\``);
		}
		seen.add(folder.name);
	}
	const targets = Object.entries(read.targets ?? {}).map(([key, value]) =>
		readTarget(key, value, source.kinds, file ?? "", base),
	);
	if (!targets.some((t) => t.name === "local")) {
		const local = source.kinds.find((k) => k.kind === "local");
		const config = local?.config.parse({});
		// Neither to be broken at will nor known to be anybody's production.
		if (local) targets.push({ name: "local", kind: "local", environment: "staging", isAssumed: true, config });
	}
	return {
		dataFolder,
		file,
		runbooks: folders,
		server: {
			host: source.host ?? read.server?.host ?? "127.0.0.1",
			port: source.port ?? read.server?.port ?? 4180,
			origins: read.server?.origins ?? [],
			hosts: read.server?.hosts ?? [],
		},
		limits: {
			outputBytes: read.limits?.outputBytes ?? 64 * 2 ** 20,
			runbookBytes: read.limits?.runbookBytes ?? 2 ** 20,
			steps: read.limits?.steps ?? 1_000,
			timeoutMs: read.limits?.timeout ?? 10 * 60_000,
		},
		shell: {
			interpreter: read.shell?.interpreter ?? "bash",
			cwd: read.shell?.cwd === undefined ? null : from(read.shell.cwd),
			environment: read.shell?.environment ?? [],
		},
		targets,
	};
}

/** The absolute path of the file that `--config` or RUNLEDGER_CONFIG names, be it there or not; null when neither does. */
export function namedConfiguration(source: Pick<ConfigurationSource, "config" | "env" | "cwd">): string | null {
	const named = source.config ?? source.env.RUNLEDGER_CONFIG;
	return named === undefined ? null : resolve(source.cwd, named);
}

function folderName(path: string): string {
	const last = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
	return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(last) ? last : "runbooks";
}
