import { describe, expect, it, test } from "vitest";
import { mixedPrompts } from "./mixed-prompts.ts";
import { stripPrompts } from "./prompts.ts";

describe("only what was typed runs: the line after these is output", () => {
	test.each([
		"$ echo $((1<<3))",
		"$ echo $(( (1<<3) + (2<<1) ))",
		"$ (( x = 1<<3 )); echo $x",
		"$ base64 -d <<<dG91Y2g",
		"$ cat <<< word",
		"$ echo 'a <<EOF b'",
		'$ echo "a <<EOF b"',
		"$ echo $'it\\'s <<EOF'",
		"$ ls # see <<EOF",
		"$ ls / # was c:\\",
		"$ echo ${x:-<<EOF}",
		"$ echo a\\<\\<EOF",
		"$ echo 'c:\\'",
		"$ echo $# a#b \\\\",
	])("%s", (typed) => {
		const { script } = stripPrompts(`${typed}\ntouch made\n$ echo done`);
		expect(script).toBe(`${typed.slice(2)}\necho done`);
		expect(mixedPrompts(`${typed}\ntouch made`, typed)).toMatchObject({ code: "prompts-mixed" });
	});
});

describe("what belongs to a command is typed with it", () => {
	test.each([
		["$ cat <<EOF", "a\nEOF"],
		["$ cat << 'END-X'", "$ a\nEND-X"],
		["$ cat <<\\EOF | wc", "a\nEOF"],
		["$ cat <<-EOF", "\ta\n\tEOF"],
		["$ cat <<A <<B", "a\nA\nb\nB"],
		["$ git commit -m \"$(cat <<'EOF'", "a\nEOF"],
		["$ echo a \\", "  b"],
		["$ cat <<EOF \\", "| wc\na\nEOF"],
		["$ echo 'a' \"b\" $((1<<2)) <<EOF # why", "a\nEOF"],
	])("%s", (typed, more) => {
		const { script } = stripPrompts(`${typed}\n${more}\nan output\n$ echo done`);
		expect(script).toBe(`${typed.slice(2)}\n${more}\necho done`);
	});

	it("a line that only looks like the end of a here-document does not end it", () => {
		const { script } = stripPrompts("$ cat <<EOF\n>  EOF\n> EOF\nan output");
		expect(script).toBe("cat <<EOF\n EOF\nEOF");
	});
});
