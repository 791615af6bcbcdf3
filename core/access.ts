/** How sure the server is of who someone is. `self-declared` is shown everywhere as such. */
export type Assurance = "self-declared" | "verified";

/** What someone may do. One role today; the seam for more. */
export type Role = "responder";

/** Who stands behind an event. `id` is a pseudonym; the name is erasable content. */
export interface Actor {
	id: string;
	issuer: string;
	roles: Role[];
	/** The sign-in that this comes from; `system` and the command line have their own. */
	signIn: string;
	assurance: Assurance;
}

/** A signed-in person: an actor with the name to show. */
export interface Identity extends Actor {
	name: string;
}

/** What policies are asked about. */
export const actions = [
	"runbook.read",
	"session.open",
	"session.read",
	"session.drive",
	"session.close",
	"run.request",
	"run.approve",
	"run.cancel",
	"run.input",
	"note.add",
	"record.read",
	"record.export",
	"lab.operate",
] as const;

export type Action = (typeof actions)[number];

const allowedTo: Record<Role, ReadonlySet<Action>> = {
	responder: new Set(actions),
};

/** Whether the actor's roles allow the action. Nobody without a role may do anything. */
export function can(actor: Pick<Actor, "roles">, action: Action): boolean {
	return actor.roles.some((role) => allowedTo[role]?.has(action) === true);
}

/** The server's own voice: recovery, healing, shutting down. */
export const systemActor: Actor = {
	id: "system",
	issuer: "runledger",
	roles: [],
	signIn: "system",
	assurance: "verified",
};
