import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ProblemError } from "../../core/problem.ts";

/** A program that must be on this machine, and the Debian package that has it. */
export interface NeededProgram {
	program: string;
	package: string;
}

/** The machine, handed in. */
export interface EnsureOptions {
	/** The variable PATH. */
	path: string;
	/** Where the system's folders are; `/` but in tests. */
	root?: string;
	isRoot: boolean;
	/** Asks before installing; null: nobody is there to ask, so what is said is done. */
	ask: ((question: string) => Promise<boolean>) | null;
	/** Tells a person what happens. */
	say(text: string): void;
}

/** Those of the programs that are not on the PATH. */
export function missingPrograms(needed: readonly NeededProgram[], path: string): NeededProgram[] {
	return needed.filter(({ program }) => !path.split(delimiter).some((folder) => isProgram(join(folder, program))));
}

/**
 * Finds the programs or installs their packages with apt, after saying so. Starts and enables no service.
 * Throws `lab-binary-missing` with the exact command where it can't: without apt, without root, or when the answer is no.
 */
export async function ensurePrograms(needed: readonly NeededProgram[], options: EnsureOptions): Promise<void> {
	const { path, root = "/", isRoot, ask, say } = options;
	const missing = missingPrograms(needed, path);
	if (missing.length === 0) return;
	const packages = [...new Set(missing.map((m) => m.package))].sort();
	const names = missing.map((m) => m.program).join(", ");
	const command = `apt-get install --no-install-recommends ${packages.join(" ")}`;
	const byHand = (why: string) =>
		new ProblemError("lab-binary-missing", `${names}: not on this machine, and ${why}.`, {
			next: `Run \`${isRoot ? "" : "sudo "}${command}\`, then try again.`,
		});
	if (missingPrograms([{ program: "apt-get", package: "apt" }], path).length > 0) {
		throw new ProblemError(
			"lab-binary-missing",
			`${names}: not on this machine, and there is no apt to install from.`,
			{
				next: `Install ${names} with this system's own package manager, then try again.`,
			},
		);
	}
	if (!isRoot) throw byHand("only root can install it");
	say(`Not on this machine: ${names}. I will run \`${command}\`; no service is started or enabled.`);
	if (ask && !(await ask("Go on?"))) throw byHand("you did not want it installed");
	const apt = (...args: string[]) => run("apt-get", args, path, say);
	await withoutServices(
		async () => {
			const install = ["-y", "-q", "--no-install-recommends", "install", ...packages];
			if ((await apt(...install)) === 0) return;
			say("The package lists may be old: `apt-get update`, then once more.");
			await apt("-q", "update");
			if ((await apt(...install)) !== 0) throw byHand("apt could not install it");
		},
		{ packages, path, root },
	);
	const still = missingPrograms(needed, path);
	if (still.length > 0) throw byHand(`its package did not bring ${still.map((m) => m.program).join(", ")}`);
}

/**
 * A package may start its service when it is installed. Debian's `policy-rc.d` forbids that while the work lasts
 * (https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt); what was enabled all the same is disabled again.
 */
async function withoutServices(
	work: () => Promise<void>,
	{ packages, path, root }: { packages: readonly string[]; path: string; root: string },
): Promise<void> {
	const policy = join(root, "usr/sbin/policy-rc.d");
	const isOurs = !existsSync(policy);
	if (isOurs) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
	try {
		await work();
	} finally {
		if (isOurs) rmSync(policy, { force: true });
		for (const name of packages) {
			if (existsSync(join(root, `etc/systemd/system/multi-user.target.wants/${name}.service`))) {
				await run("systemctl", ["disable", "--quiet", `${name}.service`], path, () => undefined);
			}
		}
	}
}

/** Runs a program and gives its exit code; what it says is told, indented, when it fails. */
function run(file: string, args: readonly string[], path: string, say: (text: string) => void): Promise<number> {
	return new Promise((resolve) => {
		const child = spawn(file, args, {
			stdio: ["ignore", "pipe", "pipe"],
			env: { ...process.env, PATH: path, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
		});
		let said = "";
		const keep = (chunk: Buffer) => {
			said = (said + chunk.toString()).slice(-4000);
		};
		child.stdout.on("data", keep);
		child.stderr.on("data", keep);
		child.on("error", () => resolve(127));
		child.on("close", (code) => {
			if (code !== 0) say(said.replace(/^/gm, "    ").trimEnd());
			resolve(code ?? 1);
		});
	});
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
