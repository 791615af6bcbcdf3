/** Variables that change how programs are found, loaded or configured. A value from a page must never become one. */
const reservedNames = new Set(
	`PATH BASH_ENV ENV SHELL SHELLOPTS BASHOPTS IFS PS0 PS4 PROMPT_COMMAND CDPATH GLOBIGNORE FPATH ZDOTDIR
	KUBECONFIG DOCKER_HOST DOCKER_CONFIG DOCKER_CONTEXT AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE PGSERVICEFILE PGSYSCONFDIR
	NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS PYTHONPATH PYTHONSTARTUP PYTHONHOME PYTHONINSPECT PERL5LIB PERL5OPT PERL5DB PERLLIB
	RUBYLIB RUBYOPT JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH LUA_PATH LUA_CPATH LUA_INIT PHPRC PHP_INI_SCAN_DIR
	GCONV_PATH GLIBC_TUNABLES LOCPATH NLSPATH HOSTALIASES RES_OPTIONS LOCALDOMAIN RESOLV_HOST_CONF TMPDIR TERMINFO TERMINFO_DIRS TERMCAP
	EDITOR VISUAL PAGER MANPAGER LESSOPEN LESSCLOSE BROWSER SSH_ASKPASS SSH_AUTH_SOCK SUDO_ASKPASS
	OPENSSL_CONF OPENSSL_MODULES SSL_CERT_FILE SSL_CERT_DIR CURL_HOME WGETRC NETRC HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
	http_proxy https_proxy ftp_proxy all_proxy no_proxy`.split(/\s+/),
);

const reservedPrefixes = ["LD_", "DYLD_", "GIT_", "BASH_FUNC_", "NPM_CONFIG_", "npm_config_", "MALLOC_", "RUNLEDGER_"];

/** What every shell has already: never asked for, never overwritten. */
const baseNames = new Set(
	`HOME USER LOGNAME UID EUID PPID PWD OLDPWD HOSTNAME HOSTTYPE MACHTYPE OSTYPE TERM TERM_PROGRAM COLORTERM LANG LANGUAGE TZ MAIL
	COLUMNS LINES SHLVL RANDOM SRANDOM SECONDS LINENO EPOCHSECONDS EPOCHREALTIME BASH BASHPID REPLY OPTARG OPTIND OPTERR
	PIPESTATUS DIRSTACK FUNCNAME GROUPS MAPFILE COPROC COMP_WORDS COMP_CWORD COMP_LINE COMP_POINT COMPREPLY PS1 PS2 PS3
	HISTFILE HISTSIZE HISTFILESIZE HISTCONTROL DISPLAY WAYLAND_DISPLAY CI DEBIAN_FRONTEND SUDO_USER SUDO_UID SUDO_GID`.split(
		/\s+/,
	),
);

const basePrefixes = ["LC_", "BASH_", "XDG_", "SSH_"];

/** Whether a variable of this name would change how programs run. */
export function isReservedVariable(name: string): boolean {
	return reservedNames.has(name) || reservedPrefixes.some((prefix) => name.startsWith(prefix));
}

/** Whether the name belongs to the environment that every shell starts with. */
export function isBaseVariable(name: string): boolean {
	return baseNames.has(name) || basePrefixes.some((prefix) => name.startsWith(prefix)) || isReservedVariable(name);
}

const secretWords = new Set([
	..."password passwd passphrase passcode pass pwd pw secret secrets token tokens key keys apikey".split(" "),
	..."credential credentials creds auth bearer pin otp privatekey".split(" "),
]);

/** Whether a value of this name is probably a secret: one of its words is password, secret, token, key ... */
export function looksSecret(name: string): boolean {
	return name
		.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
		.toLowerCase()
		.split(/[^a-z0-9]+/)
		.some((word) => secretWords.has(word) || secretWords.has(word.replace(/\d+$/, "")));
}

/** Whether the text can be the name of a parameter or captured value: letters, digits, `_`; at most 64. */
export function isValueName(text: string): boolean {
	return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(text) && text !== "__proto__";
}

/** What the spellings of one value's name have in common: `db-host`, `DB_HOST` and `dbHost` are the same. */
export function foldName(name: string): string {
	return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
