/** What a step inherits of the server's environment. The rest may hold the server's own credentials, so it stays outside. */
const inherited = new Set(
	`HOME USER LOGNAME PATH SHELL LANG LANGUAGE TZ TMPDIR SSH_AUTH_SOCK KUBECONFIG
	DOCKER_HOST DOCKER_CONFIG DOCKER_CONTEXT DOCKER_CERT_PATH DOCKER_TLS_VERIFY
	AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE CLOUDSDK_CONFIG
	SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy`.split(
		/\s+/,
	),
);

const inheritedPrefixes = ["LC_", "XDG_"];

/** Variables that make a shell run or trace something before the script begins: never handed to one. */
const startup = new Set(["BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "BASH_XTRACEFD", "PROMPT_COMMAND", "PS4"]);

/** What a shell or the terminal sets by itself: no change that a script made. */
const ownOfShell = new Set(["_", "SHLVL", "PWD", "OLDPWD", "TERM", "COLUMNS", "LINES"]);

/** Pagers wait for a key; where nobody is asked for one they print. */
const withoutPager = { PAGER: "cat", GIT_PAGER: "cat", SYSTEMD_PAGER: "cat", MANPAGER: "cat" };

export interface EnvironmentParts {
	/** The server's own. */
	server: Readonly<Record<string, string | undefined>>;
	/** What earlier steps have exported. */
	carried: ReadonlyMap<string, string>;
	/** The values that this step is handed. */
	inputs: ReadonlyMap<string, string>;
	interactive: boolean;
}

/**
 * The whole environment of a step. What an earlier step exported wins over a value of the same name, as it would in one shell.
 * Nothing here can make a shell run something before its script.
 */
export function shellEnvironment({ server, carried, inputs, interactive }: EnvironmentParts): Record<string, string> {
	const environment: Record<string, string> = interactive ? {} : { ...withoutPager };
	for (const [name, value] of Object.entries(server)) {
		if (value === undefined) continue;
		if (inherited.has(name) || inheritedPrefixes.some((prefix) => name.startsWith(prefix))) environment[name] = value;
	}
	for (const [name, value] of [...inputs, ...carried]) {
		if (!startup.has(name) && !name.startsWith("BASH_FUNC_")) environment[name] = value;
	}
	return environment;
}

/** What a script changed of the environment that it was given. */
export function environmentChange(
	given: Readonly<Record<string, string>>,
	left: ReadonlyMap<string, string>,
): { set: Record<string, string>; unset: string[] } {
	const isOurs = (name: string) => ownOfShell.has(name) || startup.has(name) || name.startsWith("RUNLEDGER_");
	const set: Record<string, string> = {};
	for (const [name, value] of left) if (!isOurs(name) && given[name] !== value) set[name] = value;
	const unset = Object.keys(given).filter((name) => !isOurs(name) && !left.has(name));
	return { set, unset };
}
