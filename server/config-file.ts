import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { ProblemError } from "../core/problem.ts";

/**
 * Reads a YAML file of settings. Throws `config-invalid` with the field's path, its line and column, for anything that
 * the schema does not know or can't use.
 */
export function readYaml<S extends z.ZodType>(file: string, schema: S): z.infer<S> {
	let text: string | null;
	try {
		// Opening a named pipe waits until somebody writes into it, maybe for ever.
		text = statSync(file).isFile() ? readFileSync(file, "utf8") : null;
	} catch (error) {
		const { code = "unknown" } = error as NodeJS.ErrnoException;
		if (code !== "ENOENT") throw invalid(file, "", `the file can't be read (${code})`);
		throw new ProblemError("config-invalid", "The configuration that was named is not there.", {
			next: "Write it, or name another with --config or RUNLEDGER_CONFIG.",
			at: { file, line: 1, column: 1 },
		});
	}
	if (text === null) throw invalid(file, "", "it is not a regular file");
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true });
	const wrong = document.errors[0];
	if (wrong) {
		const at = lines.linePos(wrong.pos[0]);
		throw new ProblemError("config-invalid", `${file}: ${wrong.message.split("\n")[0]}`, {
			at: { file, line: at.line, column: at.col },
		});
	}
	// 20 aliases are plenty for a configuration; more is a bomb.
	let content: unknown;
	try {
		content = document.toJS({ maxAliasCount: 20 });
	} catch {
		throw invalid(file, "", "it uses too many aliases");
	}
	const parsed = schema.safeParse(content ?? {});
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
	const path = [...(issue?.path ?? []), ...unknown];
	const place = placeOf(document.contents, path, lines);
	throw invalidField(file, [], parsed.error, place);
}

/**
 * Begins a file of settings that holds no setting yet, only `comment`, with the folders above it; one that is there stays as
 * it is. Returns whether it was begun. Throws `config-invalid` when it can't be written.
 */
export function beginYaml(file: string, comment: readonly string[]): boolean {
	try {
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, comment.map((line) => `# ${line}\n`).join(""), { flag: "wx" });
		return true;
	} catch (error) {
		const { code = "unknown" } = error as NodeJS.ErrnoException;
		if (code === "EEXIST") return false;
		throw invalid(file, "", `the file can't be written (${code})`);
	}
}

/** Where a field stands, or the last of its parents that does. */
function placeOf(
	root: Node | null | undefined,
	path: readonly PropertyKey[],
	lines: LineCounter,
): { line: number; column: number } | undefined {
	let node: unknown = root;
	let offset: number | undefined;
	for (const step of path) {
		if (isMap(node)) {
			const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(step));
			if (!pair) break;
			offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
			node = pair.value;
		} else if (typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items)) {
			node = node.items[Number(step)];
			offset = (node as Node | undefined)?.range?.[0] ?? offset;
		} else break;
	}
	if (offset === undefined) return undefined;
	const at = lines.linePos(offset);
	return { line: at.line, column: at.col };
}

/** `config-invalid` for the first thing that a schema found, at `prefix` and its own path. */
export function invalidField(
	file: string,
	prefix: readonly string[],
	error: z.ZodError,
	place?: { line: number; column: number },
): ProblemError {
	const issue = error.issues[0];
	const keys = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
	const path = [...prefix, ...(issue?.path ?? []), ...keys].map(String).join(".");
	const what = keys.length > 0 ? "there is no such field" : (issue?.message ?? "unusable");
	return invalid(file, path, what, place);
}

/** `config-invalid` for the setting at `path`. */
export function invalid(
	file: string | null,
	path: string,
	what: string,
	place?: { line: number; column: number },
): ProblemError {
	return new ProblemError("config-invalid", `${path === "" ? "" : `\`${path}\`: `}${what}.`.replace(/\.\.$/, "."), {
		data: { field: path },
		...(file === null ? {} : { at: { file, line: place?.line ?? 1, column: place?.column ?? 1 } }),
	});
}
