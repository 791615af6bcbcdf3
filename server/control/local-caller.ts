import type { SignIns } from "../access/sign-ins.ts";
import type { Caller } from "../sessions/sessions.ts";

/** Whoever uses the command line on this machine, by the name of their login. */
export function localCaller(signIns: SignIns, person: { name: string; userAgent: string }): Caller {
	return {
		identity: signIns.personOf(person.name, "login", "command-line"),
		origin: { address: "local", userAgent: person.userAgent },
	};
}
