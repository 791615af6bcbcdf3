import type { Risk } from "../../core/plan.ts";

/**
 * Commands whose risk the server's flags don't tell (they are the same for `CONFIG GET` and `CONFIG SET`, `CLIENT LIST` and
 * `CLIENT PAUSE`, `SENTINEL MASTERS` and `SENTINEL FAILOVER`), each reviewed by hand for Redis 6 to 8.
 * `*` stands for the subcommands that are not named.
 */
const reviewed: Record<string, Risk | Record<string, Risk>> = {
	ping: "read",
	echo: "read",
	time: "read",
	info: "read",
	role: "read",
	lastsave: "read",
	dbsize: "read",
	command: "read",
	hello: "read",
	auth: "read",
	select: "read",
	readonly: "read",
	readwrite: "read",
	asking: "read",
	quit: "read",
	reset: "read",
	wait: "read",
	waitaof: "read",
	lolwut: "read",
	// A transaction is as grave as what stands in it.
	multi: "read",
	exec: "read",
	discard: "read",
	watch: "read",
	unwatch: "read",
	subscribe: "read",
	psubscribe: "read",
	ssubscribe: "read",
	unsubscribe: "read",
	punsubscribe: "read",
	sunsubscribe: "read",
	pubsub: "read",
	object: "read",
	xinfo: "read",
	publish: "change",
	spublish: "change",
	// MONITOR slows a busy server to a half and shows every client's data.
	monitor: "change",
	bgsave: "change",
	save: "change",
	bgrewriteaof: "change",
	failover: "change",
	// REPLICAOF host port throws the node's own data away; REPLICAOF NO ONE keeps it.
	replicaof: { no: "change", "*": "destructive" },
	slaveof: { no: "change", "*": "destructive" },
	flushall: "destructive",
	flushdb: "destructive",
	swapdb: "destructive",
	migrate: "destructive",
	shutdown: "destructive",
	debug: { sleep: "change", "*": "destructive" },
	psync: "destructive",
	sync: "destructive",
	replconf: "destructive",
	pfdebug: "destructive",
	pfselftest: "change",
	// What a script does can't be told from here.
	eval: "destructive",
	evalsha: "destructive",
	fcall: "destructive",
	eval_ro: "read",
	evalsha_ro: "read",
	fcall_ro: "read",
	acl: {
		cat: "read",
		dryrun: "read",
		genpass: "read",
		getuser: "read",
		help: "read",
		list: "read",
		users: "read",
		whoami: "read",
		log: "read",
		load: "change",
		save: "change",
		setuser: "change",
		"*": "destructive",
	},
	client: {
		caching: "read",
		getname: "read",
		getredir: "read",
		help: "read",
		id: "read",
		info: "read",
		list: "read",
		trackinginfo: "read",
		setname: "read",
		setinfo: "read",
		tracking: "read",
		reply: "read",
		"no-evict": "change",
		"no-touch": "read",
		kill: "change",
		pause: "change",
		unpause: "change",
		unblock: "change",
		"*": "destructive",
	},
	cluster: {
		countkeysinslot: "read",
		"count-failure-reports": "read",
		getkeysinslot: "read",
		help: "read",
		info: "read",
		keyslot: "read",
		links: "read",
		myid: "read",
		myshardid: "read",
		nodes: "read",
		replicas: "read",
		shards: "read",
		slaves: "read",
		"slot-stats": "read",
		slots: "read",
		addslots: "change",
		addslotsrange: "change",
		failover: "change",
		meet: "change",
		replicate: "change",
		saveconfig: "change",
		"*": "destructive",
	},
	config: { get: "read", help: "read", resetstat: "change", rewrite: "change", set: "change", "*": "destructive" },
	function: {
		dump: "read",
		help: "read",
		list: "read",
		stats: "read",
		kill: "change",
		load: "change",
		"*": "destructive",
	},
	latency: {
		doctor: "read",
		graph: "read",
		help: "read",
		histogram: "read",
		history: "read",
		latest: "read",
		reset: "change",
		"*": "destructive",
	},
	memory: {
		doctor: "read",
		help: "read",
		"malloc-stats": "read",
		stats: "read",
		usage: "read",
		purge: "change",
		"*": "destructive",
	},
	module: { help: "read", list: "read", "*": "destructive" },
	script: { exists: "read", help: "read", kill: "change", load: "change", "*": "destructive" },
	sentinel: {
		ckquorum: "read",
		"get-master-addr-by-name": "read",
		help: "read",
		"info-cache": "read",
		"is-master-down-by-addr": "read",
		master: "read",
		masters: "read",
		myid: "read",
		"pending-scripts": "read",
		replicas: "read",
		sentinels: "read",
		slaves: "read",
		failover: "change",
		flushconfig: "change",
		monitor: "change",
		set: "change",
		"*": "destructive",
	},
	slowlog: { get: "read", help: "read", len: "read", reset: "change", "*": "destructive" },
	xgroup: { help: "read", create: "change", createconsumer: "change", setid: "change", "*": "destructive" },
};

/** `SENTINEL CONFIG GET|SET` and `SENTINEL DEBUG` (which lists or sets) have a third word. */
function sentinelRisk(argv: readonly string[]): Risk | null {
	const second = argv[1]?.toLowerCase();
	if (second === "config") return argv[2]?.toLowerCase() === "get" ? "read" : "change";
	if (second === "debug") return argv.length === 2 ? "read" : "change";
	return null;
}

/**
 * The risk of a command by its text, or null when the table does not know it: then the server's flags say
 * (`readonly` reads, `write` changes), and when they can't be asked it is destructive.
 */
export function redisCommandRisk(argv: readonly string[]): Risk | null {
	const name = argv[0]?.toLowerCase() ?? "";
	const entry = Object.hasOwn(reviewed, name) ? reviewed[name] : undefined;
	if (entry === undefined) return null;
	if (typeof entry === "string") return entry;
	const special = name === "sentinel" ? sentinelRisk(argv) : null;
	if (special !== null) return special;
	const second = argv[1]?.toLowerCase() ?? "";
	const byWord = Object.hasOwn(entry, second) ? entry[second] : undefined;
	return byWord ?? entry["*"] ?? "destructive";
}
