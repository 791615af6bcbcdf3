/** What the page and the command line show of a lab. Times UTC, ISO 8601. */
export interface LabNodeStatus {
	name: string;
	role: string;
	address: string;
	/** `up`, `killed`, `stopped`, `frozen`, `starting`. */
	state: string;
	pid: number | null;
	rssBytes: number | null;
	/** How often it was started again. */
	restarts?: number;
	/** Its log file on the machine of the lab. */
	log?: string;
	/** One phrase when it is not well. */
	detail?: string;
	/** Set while a fault lasts. */
	fault?: { kind: string; since: string; healsAt: string };
}

/** One second of the probe. */
export interface ProbeSample {
	/** Unix time in milliseconds of the second's start. */
	at: number;
	acknowledged: number;
	failed: number;
}

export interface ProbeResult {
	kind: "client" | "oracle";
	running: boolean;
	acknowledged: number;
	failed: number;
	indeterminate: number;
	/** The longest stretch without an acknowledged write, in milliseconds; null before the first gap. */
	rtoMs: number | null;
	/** When that stretch began and ended. */
	gap: { from: string; to: string | null } | null;
	/** Acknowledged writes that the final master lacks; null until it was asked. */
	lost: number | null;
	/** The numbers of the first twenty of them. */
	lostIds?: number[];
	/** The journal's file on the machine of the lab. */
	journal?: string;
	perSecond: number;
	samples: ProbeSample[];
}

export interface LabStatus {
	name: string;
	kind: string;
	state: "starting" | "up" | "stopping" | "down" | "failed";
	/** What is wrong, when it failed. */
	detail?: string;
	/** Its supervisor is there and does not answer: what it has is not known. */
	isSilent?: true;
	since: string;
	nodes: LabNodeStatus[];
	probes: ProbeResult[];
	/** What happened lately, oldest first: faults, promotions, heals. */
	events: LabEvent[];
}

/** Something that happened to a lab. */
export interface LabEvent {
	at: string;
	/** For a person, e.g. `cache-1 is killed; it is started again at 10:02:11`. */
	text: string;
	/** `fault.injected`, `fault.announced` (healing is near), `fault.extended`, `fault.healed`, `node.ended`, `master.changed` ... */
	type?: string;
	node?: string;
	/** UTC, ISO 8601: when the fault heals by itself. */
	healsAt?: string;
}

/** A kind of lab that this machine could start. */
export interface LabKindStatus {
	kind: string;
	title: string;
	description: string;
	/** What it needs and whether that is here. */
	needs: { name: string; found: string | null; install: string }[];
	available: boolean;
}
