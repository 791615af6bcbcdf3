import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rewriteShell } from "./shell-text.ts";

const variables = (text: string, names: string[] = []) =>
	rewriteShell(text, names).inputs.map((input) => input.variable);

describe("placeholders become variables, quoted as their place needs", () => {
	test.each([
		["redis-cli -a <password> PING", 'redis-cli -a "${PASSWORD}" PING'],
		["psql <connection string>", 'psql "${CONNECTION_STRING}"'],
		["curl https://<host>/health", 'curl https://"${HOST}"/health'],
		["ssh <user>@<host>", 'ssh "${USER_VALUE}"@"${HOST}"'],
		['echo "hello <name>!"', 'echo "hello ${NAME}!"'],
		['x="a $(cat <file-name>) b"', 'x="a $(cat "${FILE_NAME}") b"'],
		["x=<your-token>", 'x="${YOUR_TOKEN}"'],
		["cat <<EOF\nhost=<host>\nEOF\n", "cat <<EOF\nhost=${HOST}\nEOF\n"],
		["cat <<-EOF\n\thost=<host>\n\tEOF\necho <a-b>", 'cat <<-EOF\n\thost=${HOST}\n\tEOF\necho "${A_B}"'],
		["echo `cat <file-name>`", 'echo `cat "${FILE_NAME}"`'],
		['echo "${X:-<fall-back>}"', 'echo "${X:-${FALL_BACK}}"'],
		["diff <(sort <left-file>) right", 'diff <(sort "${LEFT_FILE}") right'],
		["cp <file>.conf <target-dir>/", 'cp "${FILE}".conf "${TARGET_DIR}"/'],
		["mysql -u <user name> db", 'mysql -u "${USER_NAME}" db'],
		["cd <path>", 'cd "${PATH_VALUE}"'],
		["case $x in <a-b>) echo <c-d>;; esac", 'case $x in "${A_B}") echo "${C_D}";; esac'],
	])("%s", (text, wanted) => {
		expect(rewriteShell(text)).toMatchObject({ script: wanted, obstacles: [] });
	});
});

describe("what only looks like a placeholder stays", () => {
	test.each([
		"sort < file",
		"sort <file",
		"sort <in >out",
		"a <b >c",
		"sort <in>out",
		"sort <in>&2",
		"sort <in>/dev/null",
		"cat <<EOF\nplain\nEOF\n",
		"cat <<'EOF'\n<b>bold</b>\nEOF\n",
		"cat <<< word",
		"diff <(sort a) <(sort b)",
		"exec 3<>file",
		"echo 'a <b> c </b>'",
		"[[ a < b && c > d ]]",
		"echo $((1 < 2)) $((a<b))",
		"# see <https://example.org/page> and <name>",
		"echo \\<name\\>",
		'git log --author="A <a@b.example>"',
		"printf '#include <stdio.h>\\n' > a.c",
		'echo "<h1>Title</h1>"',
		"echo '<dependency><id>x</id></dependency>'",
	])("%s", (text) => {
		expect(rewriteShell(text)).toMatchObject({ script: text, inputs: [], obstacles: [] });
	});
});

describe("where no variable expands, it is told", () => {
	test.each([
		["echo '<password>'", "single-quotes"],
		["echo $'<password>'", "single-quotes"],
		["cat <<'EOF'\n<password>\nEOF", "quoted-here-document"],
		["cat <<\\EOF\n<password>\nEOF", "quoted-here-document"],
		['bash -c "echo <name>"', "nested-shell"],
		["bash -c <command>", "nested-shell"],
		['/bin/sh -ec "echo <name>"', "nested-shell"],
		['sudo su - root -c "echo <name>"', "nested-shell"],
		['eval "x=<value>"', "nested-shell"],
		['ssh -p 22 host "rm <file-name>"', "nested-shell"],
		["ssh host ls <dir-name>", "nested-shell"],
		["ssh host <<EOF\nls <dir-name>\nEOF", "nested-shell"],
		["echo $((<count> + 1))", null],
		["echo $(({{count}} + 1))", "nested-shell"],
		['echo "`cat <file-name>`"', "nested-quotes"],
	])("%s", (text, reason) => {
		const { obstacles } = rewriteShell(text, ["count"]);
		expect(obstacles.map((o) => o.reason)).toEqual(reason === null ? [] : [reason]);
		for (const { offset, text: written } of obstacles) expect(text.slice(offset).startsWith(written)).toBe(true);
	});
});

describe("values of the runbook", () => {
	test("{{name}} is a reference to a variable, never pasted text", () => {
		expect(rewriteShell('echo {{a}} "{{ b }}" {{c.masterName}}', ["a", "b", "c"])).toMatchObject({
			script: 'echo "${a}" "${b}" "${c_masterName}"',
			inputs: [
				{ variable: "a", value: "a", origin: "template", required: true, leading: true },
				{ variable: "b", value: "b", leading: true },
				{ variable: "c_masterName", value: "c.masterName" },
			],
		});
	});

	test("other tools' templates in quotes are left alone unless they name one of the runbook's", () => {
		const docker = "docker inspect --format '{{.State.Status}}' x && ansible -a '{{ item }}'";
		expect(rewriteShell(docker, ["cluster"])).toMatchObject({ script: docker, inputs: [], obstacles: [] });
		expect(rewriteShell("echo '{{cluster}}'", ["cluster"]).obstacles).toHaveLength(1);
	});

	test("a placeholder or a variable is a declared value of that name, apart from letter case", () => {
		const { inputs } = rewriteShell("redis-cli -h <cluster-name> -n $DB_NUMBER ${region:-eu}", [
			"clusterName",
			"db_number",
			"region",
		]);
		expect(inputs.map(({ variable, value, required }) => [variable, value, required])).toEqual([
			["CLUSTER_NAME", "clusterName", true],
			["DB_NUMBER", "db_number", true],
			["region", "region", false],
		]);
	});
});

describe("unset variables", () => {
	test.each<[string, string[]]>([
		['echo $DB_HOST ${DB_PORT} "$DB_NAME"', ["DB_HOST", "DB_PORT", "DB_NAME"]],
		["DB=1; echo $DB", []],
		["export DB=1\necho $DB", []],
		["read -r DB REST; echo $DB $REST", []],
		["for HOST_NAME in a b; do echo $HOST_NAME; done", []],
		["printf -v STAMP %s x; echo $STAMP", []],
		["((COUNT++)); echo $COUNT", []],
		["echo ${DB:-default} ${DB2-x} ${DB3:+y}", []],
		[": ${DB:=x}; echo $DB", []],
		["echo ${DB:?must be set} ${#LIST} ${LIST[@]}", ["DB", "LIST"]],
		["echo $HOME $PATH $USER $RANDOM $BASH_VERSION $KUBECONFIG $LC_ALL", []],
		["echo '$DB' \\$DB # $DB", []],
		["cat <<'EOF'\n$DB\nEOF\ncat <<EOF\n$TABLE\nEOF", ["TABLE"]],
		["echo $lower $1 $? $$ $@", []],
		["awk '{print $NF}' file", []],
		['echo "$(echo $INNER)" `echo $TICKED`', ["INNER", "TICKED"]],
	])("%s", (text, wanted) => {
		expect(variables(text)).toEqual(wanted);
	});

	test("after sourcing a file a variable may be set: it is not required", () => {
		expect(rewriteShell("source ./env.sh\necho $DB").inputs).toMatchObject([{ variable: "DB", required: false }]);
	});

	test("secret-looking names are marked", () => {
		expect(rewriteShell("x <api-token> $DB_PASSWORD $MONKEY $PUBLIC_URL").inputs.map((i) => i.secret)).toEqual([
			true,
			true,
			false,
			false,
		]);
	});

	test("a value at the start of an argument is marked, so that one beginning with - can be refused", () => {
		expect(rewriteShell('ssh <host-name> $OPTS "$FILE" --x=$VALUE').inputs.map((i) => [i.variable, i.leading])).toEqual(
			[
				["HOST_NAME", true],
				["OPTS", false],
				["FILE", true],
				["VALUE", false],
			],
		);
	});
});

/** Runs a script in a real bash with the values as environment variables only. */
function bash(script: string, env: Record<string, string>): string {
	return execFileSync("bash", ["--noprofile", "--norc", "-c", script], {
		env: { PATH: process.env.PATH ?? "/usr/bin:/bin", ...env },
		encoding: "utf8",
		stdio: ["ignore", "pipe", "pipe"],
	});
}

const nasty = fc.oneof(
	fc.constantFrom(
		"$(id)",
		"; id",
		"`id`",
		"a\nb",
		"'",
		'"',
		"\\",
		"*",
		"~",
		"$HOME",
		"${IFS}",
		"a b  c",
		"!!",
		"&&id",
		"|id",
		">x",
		"EOF",
		")",
		"}",
		"<y>",
		"",
		" ",
	),
	fc.string({ maxLength: 20 }).filter((text) => !text.includes("\0")),
);

describe("with a real bash, a value is itself wherever its placeholder stands", () => {
	const templates: [string, (value: string) => string][] = [
		["printf '%s|' <the-value>", (v) => `${v}|`],
		["printf '%s|' a<the-value>b", (v) => `a${v}b|`],
		['printf "%s|" "x <the-value> y"', (v) => `x ${v} y|`],
		["printf '%s|' 'a'<the-value>\"b\"", (v) => `a${v}b|`],
		["X=<the-value>; printf '%s|' \"$X\"", (v) => `${v}|`],
		["printf '%s|' {{the_value}} {{the_value}}", (v) => `${v}|${v}|`],
		["cat <<END_OF_IT\n<the-value>\nEND_OF_IT\n", (v) => `${v}\n`],
		["for i in <the-value>; do printf '%s|' \"$i\"; done", (v) => `${v}|`],
		["if [ <the-value> = {{the_value}} ]; then printf same; fi", () => "same"],
		["f() { printf '%s|' \"$@\"; }; f 1 <the-value> 3", (v) => `1|${v}|3|`],
		['printf "%s|" "${UNSET_ONE:-<the-value>}"', (v) => `${v}|`],
	];

	test.each(templates)("%s", (template, wanted) => {
		const { script, inputs, obstacles } = rewriteShell(template, ["the_value"]);
		expect(obstacles).toEqual([]);
		fc.assert(
			fc.property(nasty, (value) => {
				const env = Object.fromEntries(inputs.filter((i) => i.value === "the_value").map((i) => [i.variable, value]));
				expect(bash(script, env)).toBe(wanted(value));
			}),
			{ numRuns: 25 },
		);
	});

	test("$(...) around it loses only what bash itself takes away, trailing newlines", () => {
		const { script } = rewriteShell("printf '%s|' \"$(printf '%s' <the-value>)\"");
		for (const value of ["$(id)", "`id`", "a b", "'\"", "\\n"])
			expect(bash(script, { THE_VALUE: value })).toBe(`${value}|`);
	});
});

test("whatever the text, the scanner ends and changes nothing but placeholders and templates", () => {
	const piece = fc.constantFrom(
		...["a", " ", "'", '"', "\\", "$", "(", ")", "{", "}", "`", "<", ">", "<x-y>", "{{n}}", "\n", "#", ";"],
		...["<<E", "E", "$((", "))", "case", "esac", "A=1", "$A"],
	);
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
			const text = pieces.join("");
			const { script, obstacles } = rewriteShell(text, ["n"]);
			// References and what they stand for are written alike; quotes right beside one may be the text's own.
			const alike = (shell: string) =>
				shell
					.replaceAll('"', "")
					.replaceAll("{{n}}", "<n>")
					.replace(/\$\{(\w+)\}/g, "<$1>")
					.replace(/[-_]/g, "")
					// A placeholder of two words is one variable.
					.replace(/<[\w ]+>/g, (placeholder) => placeholder.replaceAll(" ", ""))
					.toLowerCase();
			expect(alike(script)).toBe(alike(text));
			for (const obstacle of obstacles) expect(text.slice(obstacle.offset).startsWith(obstacle.text)).toBe(true);
		}),
		{ numRuns: 5_000 },
	);
});

describe("constructs in one another", () => {
	test.each([
		["$(", ")"],
		["${A:-", "}"],
		["$(( 1 + ", "))"],
		["<(cat ", ")"],
		['"$(echo ', ')"'],
	])("`%s` a hundred deep is read, and 20,000 deep is an obstacle at the place where reading ended", (open, close) => {
		const nested = (depth: number) => `echo ${open.repeat(depth)}1${close.repeat(depth)}`;
		expect(rewriteShell(nested(50)).obstacles).toEqual([]);
		const { obstacles } = rewriteShell(nested(20_000));
		expect(obstacles).toMatchObject([{ reason: "too-deep" }]);
		expect(obstacles[0]?.offset).toBeGreaterThan(100);
		expect(obstacles[0]?.offset).toBeLessThan(1_000);
	});
});
