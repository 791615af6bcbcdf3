/** One value that a step's program is handed as a variable. */
export interface HandedValue {
	variable: string;
	/** Its name in the session; absent when `text` is all there is, or an earlier step has exported it. */
	name?: string;
	/** The value itself, where it is no value of the session, e.g. the address of a node. */
	text?: string;
	secret: boolean;
	/** The step that gives it while the group runs. */
	later?: string;
}

/** The text of a session's value by its name, as it is used; undefined when that is not known. */
export type KnownValue = (name: string) => string | undefined;

/** What is said of a value, on one line: `••••` for a secret. */
export function handedText({ name, text, secret, later }: HandedValue, known: KnownValue): string {
	if (secret) return "••••";
	if (later !== undefined) return `known when ${later} has run`;
	if (text !== undefined) return text;
	if (name === undefined) return "as an earlier step left it";
	return known(name) ?? "not known here";
}
