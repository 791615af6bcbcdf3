/**
 * The catalogue of everything that can go wrong for a user.
 * `status` is the HTTP status (RFC 9457), `title` one sentence on what is wrong, `next` one sentence on what to do.
 */
export const problemCatalogue = {
	// Asking and being allowed
	"bad-request": {
		status: 400,
		title: "The request is not of the expected form.",
		next: "Correct the named field and send it again.",
	},
	"not-signed-in": {
		status: 401,
		title: "You are not signed in.",
		next: "On the server run `npx runledger signin` in the folder where it was installed, and open the link that it prints.",
	},
	"sign-in-expired": {
		status: 401,
		title: "This sign-in link has been used or is older than ten minutes.",
		next: "For a fresh one run `npx runledger signin` on the server, in the folder where it was installed.",
	},
	"not-allowed": {
		status: 403,
		title: "You may not do this.",
		next: "Ask someone whose role allows it.",
	},
	"origin-refused": {
		status: 403,
		title: "The request comes from a page that this server does not know.",
		next: "Add the page's origin to `server.origins` in runledger.yaml, if it is yours.",
	},
	"host-refused": {
		status: 421,
		title: "The request names a host that this server does not answer for.",
		next: "Add the name to `server.hosts` in runledger.yaml, if it is yours.",
	},
	"too-many-requests": {
		status: 429,
		title: "Too many requests came from this address.",
		next: "Wait a minute and try again.",
	},
	"too-large": { status: 413, title: "What was sent is too large.", next: "Send less at once." },
	"not-found": {
		status: 404,
		title: "There is nothing at this address.",
		next: "Go back to the library.",
	},
	"not-joined": {
		status: 403,
		title: "You only read this session.",
		next: "Open the session's own page to take part; joining is recorded.",
	},
	"not-driver": {
		status: 403,
		title: "Someone else drives this session.",
		next: "Take the baton first; taking it is recorded.",
	},
	internal: {
		status: 500,
		title: "Something broke in Runledger itself.",
		next: "Look at the server's log, and report it with the lines around this time.",
	},

	// Runbooks
	"runbook-not-found": {
		status: 404,
		title: "There is no such runbook.",
		next: "Check the path and the folders under `runbooks` in runledger.yaml.",
	},
	"runbook-invalid": {
		status: 422,
		title: "The runbook has errors.",
		next: "Mend the lines that are named, then open it again.",
	},
	"runbook-too-large": {
		status: 413,
		title: "The runbook is larger than the limit.",
		next: "Split it into several files.",
	},
	"library-too-large": {
		status: 413,
		title: "A folder of runbooks holds more than the limit, so some of it is left out.",
		next: "Name the folders that hold runbooks, not one above them, or split it.",
	},
	"runbook-too-many-steps": {
		status: 422,
		title: "The runbook has more steps than the limit.",
		next: "Split it into several runbooks.",
	},
	"runbook-too-many-values": {
		status: 422,
		title: "The runbook asks for or captures more values than the limit.",
		next: "Split it into several runbooks.",
	},
	"runbook-too-deep": {
		status: 422,
		title: "Lists, quotes or substitutions stand in one another more deeply than the limit.",
		next: "Write it flatter.",
	},
	"runbook-not-text": {
		status: 422,
		title: "The file is not UTF-8 text.",
		next: "Save it as UTF-8.",
	},
	"front-matter-language": {
		status: 422,
		title: "The front matter names a language.",
		next: "Remove the word after the opening `---`: front matter is YAML and is never evaluated.",
	},
	"front-matter-invalid": {
		status: 422,
		title: "The front matter is not valid YAML.",
		next: "Mend the line that is named.",
	},
	"front-matter-limit": {
		status: 422,
		title: "The front matter is too large, too deep or uses too many aliases.",
		next: "Write it out plainly.",
	},
	"front-matter-field": {
		status: 422,
		title: "A field of the front matter has an unusable value.",
		next: "Give it a value of the named kind.",
	},
	"unknown-field": {
		status: 422,
		title: "The front matter has a field that Runledger does not know.",
		next: "Check its spelling, or leave it for the tool that it belongs to.",
	},
	"forbidden-key": {
		status: 422,
		title: "A key such as `__proto__` is not allowed.",
		next: "Give it another name.",
	},
	"attributes-invalid": {
		status: 422,
		title: "The attributes of a block can't be read.",
		next: 'Write them as one flat JSON object with string values: {"name":"check"}.',
	},
	"unknown-attribute": {
		status: 422,
		title: "A step has an attribute that Runledger does not know.",
		next: "Check its spelling, or leave it for the tool that it belongs to.",
	},
	"misspelt-attribute": {
		status: 422,
		title: "An attribute is almost one that Runledger knows.",
		next: "Correct its spelling.",
	},
	"unknown-type": {
		status: 422,
		title: "A block names a step type that does not exist.",
		next: "Use one of the types that are listed, or `none` for prose.",
	},
	"step-name-duplicate": {
		status: 422,
		title: "Two steps have the same name.",
		next: "Rename one of them.",
	},
	"step-name-invalid": {
		status: 422,
		title: "A step's name has characters that a name can't have.",
		next: "Use letters, digits, `-` and `_`, at most 64 of them.",
	},
	"step-invalid": {
		status: 422,
		title: "A step has an unusable value.",
		next: "Give it a value of the named kind.",
	},
	"step-unclosed": {
		status: 422,
		title: "A block is not closed, so all that follows is part of it.",
		next: "Close it with a line of as many backquotes or tildes as it began with.",
	},
	"step-empty": {
		status: 422,
		title: "A step has nothing to run.",
		next: 'Write a command into it, or mark it {"type":"none"}.',
	},
	"prompts-mixed": {
		status: 422,
		title: "Some lines of a listing have a prompt and others have none.",
		next: "Begin each command with `$ ` and take the output out, or take all prompts off.",
	},
	"step-unknown": {
		status: 404,
		title: "There is no step of this name.",
		next: "Check the name against the runbook's outline.",
	},
	"group-not-consecutive": {
		status: 422,
		title: "The steps of a group do not follow each other.",
		next: "Move them together: a group runs through without a stop.",
	},
	"expression-invalid": {
		status: 422,
		title: "An expression can't be read.",
		next: "Mend it at the named place; the language is CEL.",
	},
	"expression-failed": {
		status: 422,
		title: "An expression could not be evaluated.",
		next: "Check the fields that it names against the result.",
	},
	"secret-in-text": {
		status: 422,
		title: "The text holds a secret.",
		next: "Leave it out: what is written here is recorded.",
	},
	"too-many-secrets": {
		status: 422,
		title: "The session has had too many secret values to keep them all out of the record.",
		next: "Close this session and open another on the same runbook.",
	},
	"parameter-invalid": {
		status: 422,
		title: "A parameter has an unusable definition or value.",
		next: "Give it a value of the named kind.",
	},
	"parameter-missing": {
		status: 422,
		title: "A required parameter has no value.",
		next: "Give it one before the step runs.",
	},
	"parameter-reserved": {
		status: 422,
		title: "A parameter has the name of a variable that changes how programs run.",
		next: "Give it another name.",
	},
	"placeholder-unusable": {
		status: 422,
		title: "A placeholder stands where the shell cannot expand a variable.",
		next: "Move it out of the single quotes or the quoted here-document.",
	},
	"value-missing": {
		status: 422,
		title: "A value that the step uses is not known yet.",
		next: "Run the step that captures it, or set it (on the command line `--set NAME=VALUE`, or `--set-file` and `--set-env` for a secret).",
	},
	"bidi-characters": {
		status: 422,
		title: "A command or a text holds invisible or direction-changing characters.",
		next: "Look at its bytes and remove them.",
	},
	"link-blocked": {
		status: 422,
		title: "A link or picture has an address that is not opened.",
		next: "Link by https, http, mailto or a path; keep a picture in the runbook's folder and name it by its path.",
	},

	// Targets
	"target-unknown": {
		status: 422,
		title: "There is no target of this name.",
		next: "See `targets` in the configuration that the server was started with, or start its lab.",
	},
	"target-reference-invalid": {
		status: 422,
		title: "A target reference can't be read.",
		next: "Write it as cluster, cluster.role or cluster.role[0].",
	},
	"target-missing": {
		status: 422,
		title: "The step does not say where it runs.",
		next: "Give it a `target`, or start the body's line with @cluster.role.",
	},
	"target-kind-mismatch": {
		status: 422,
		title: "The target is of another kind than the step needs.",
		next: "Name a target of the kind that the step speaks to.",
	},
	"target-unreachable": {
		status: 503,
		title: "The cluster does not answer.",
		next: "Check that it runs and that runledger.yaml has its addresses and credentials.",
	},
	"target-role-vacant": {
		status: 409,
		title: "No member of the cluster has this role now.",
		next: "Look at the topology; a failover may be under way.",
	},
	"topology-disputed": {
		status: 409,
		title: "The observers do not agree who has this role.",
		next: "Wait until they agree, or name the node by its address.",
	},
	"node-changed": {
		status: 409,
		title: "The node at this address is another one than was planned.",
		next: "Look at the plan again.",
	},
	"target-not-lab": {
		status: 403,
		title: "A drill only runs on lab targets.",
		next: "Choose a target whose environment is `lab`.",
	},

	// Plans and runs
	"plan-moved": {
		status: 409,
		title: "The plan has changed since it was shown.",
		next: "Read the new one and confirm it.",
	},
	"plan-failed": {
		status: 422,
		title: "The step can't be planned.",
		next: "Mend what is named.",
	},
	"confirmation-needed": {
		status: 409,
		title: "This step changes something and was not confirmed.",
		next: "Confirm it deliberately.",
	},
	"confirmation-wrong": {
		status: 409,
		title: "The name that was typed is not the target's.",
		next: "Type the name of the target that is shown.",
	},
	"run-active": {
		status: 409,
		title: "A run of this step is under way already.",
		next: "Wait until it has finished, or cancel it.",
	},
	"run-unknown": { status: 404, title: "There is no such run.", next: "Reload the session." },
	"run-not-active": {
		status: 409,
		title: "This run has ended.",
		next: "Run the step again if it is still needed.",
	},
	"check-failed": {
		status: 409,
		title: "A check did not hold.",
		next: "Compare what was wanted with what came.",
	},
	"recheck-failed": {
		status: 409,
		title: "A check that must hold before this change does not hold now.",
		next: "Mend what it names, then run the step again.",
	},
	"output-limit": {
		status: 409,
		title: "The step wrote more output than the limit and was stopped.",
		next: "Make it write less, or raise `limits.outputBytes` in runledger.yaml.",
	},
	timeout: {
		status: 409,
		title: "The step took longer than its time limit.",
		next: "Look at its output; raise its `timeout` if it needs more.",
	},
	cancelled: {
		status: 409,
		title: "The run was cancelled.",
		next: "Check what had already happened, then run it again if it is still needed.",
	},
	"run-lost": {
		status: 409,
		title: "The server ended in the middle of this run.",
		next: "Check what may have happened before running it again.",
	},
	"command-failed": {
		status: 409,
		title: "A command failed.",
		next: "Read its output.",
	},
	"directory-gone": {
		status: 409,
		title: "The directory that the step would run in does not exist.",
		next: "Run the step that makes it again, or set `cwd` on this step.",
	},
	"not-carried": {
		status: 409,
		title: "Not all that the script left is carried on to later steps.",
		next: "Write it to a file, and export the file's name.",
	},
	"left-running": {
		status: 409,
		title: "Something that the step started still runs.",
		next: "If it is no service that the step is there to start, end it by its process number.",
	},
	"environment-too-large": {
		status: 409,
		title: "What a program is handed is more than this system passes to one.",
		next: "Hand over less: write it to a file, and hand over the file's name.",
	},
	"not-attested": {
		status: 409,
		title: "A manual step needs a person.",
		next: "Answer it in the browser.",
	},

	// Sessions
	"session-unknown": { status: 404, title: "There is no such session.", next: "Look in the record." },
	"session-closed": {
		status: 409,
		title: "This session is closed.",
		next: "Start a new one from the runbook.",
	},
	"session-exists": { status: 409, title: "This session is open already.", next: "Go on in it." },

	// Record
	"record-unwritable": {
		status: 507,
		title: "The record can't be written, so nothing runs.",
		next: "See that the data folder can be written and its disk has room; what runs is held until then.",
	},
	"record-locked": {
		status: 409,
		title: "Another process writes this data folder.",
		next: "Use that server, or give another folder with --data.",
	},
	"record-conflict": {
		status: 409,
		title: "Another event was written first.",
		next: "Reload and try again.",
	},
	"record-broken": {
		status: 422,
		title: "The record is not what was written.",
		next: "Look at the first bad place that is named.",
	},
	"event-too-large": {
		status: 413,
		title: "An event is larger than 60,000 bytes.",
		next: "Put bulk text beside the event, not in it.",
	},
	"attachment-type": {
		status: 415,
		title: "This kind of file can't be attached.",
		next: "Attach a PNG, JPEG, GIF or WebP picture.",
	},
	"attachment-unknown": {
		status: 422,
		title: "What is attached was never uploaded like this.",
		next: "Upload the picture first, and attach what the upload answers.",
	},

	// Lab
	"lab-unknown": { status: 404, title: "There is no such lab.", next: "`runledger lab list` shows them." },
	"lab-exists": {
		status: 409,
		title: "A lab of this name is up already.",
		next: "Take it down first, or name another.",
	},
	"lab-binary-missing": {
		status: 424,
		title: "A program that the lab needs is not installed.",
		next: "Install the package that is named.",
	},
	"lab-not-ours": {
		status: 403,
		title: "The lab did not start this process, so it does not touch it.",
		next: "Only a lab's own nodes can be broken.",
	},
	"lab-start-failed": {
		status: 500,
		title: "The lab did not start.",
		next: "Mend what it names, then start it again.",
	},
	"lab-silent": {
		status: 504,
		title: "The lab's supervisor is there and does not answer.",
		next: "Take the lab down, which ends all that it started, and start it again.",
	},
	"lab-node-unknown": {
		status: 404,
		title: "The lab has no such node.",
		next: "`runledger lab status` lists the nodes and their roles.",
	},

	// Configuration and command line
	"config-invalid": {
		status: 422,
		title: "runledger.yaml has an unusable value.",
		next: "Mend the field that is named.",
	},
	"port-unavailable": {
		status: 500,
		title: "The server can't listen at the address that it was given.",
		next: "Give another with --host and --port; --port 0 takes a free one.",
	},
	"server-not-running": {
		status: 503,
		title: "No server is running on this data folder.",
		next: "Start one with `runledger serve`.",
	},
	usage: { status: 400, title: "The command line can't be read.", next: "See `--help`." },
} as const satisfies Record<string, { status: number; title: string; next: string }>;

export type ProblemCode = keyof typeof problemCatalogue;
