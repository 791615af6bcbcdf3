import type { Risk } from "../../core/plan.ts";

/**
 * The reviewed table of what Redis and Sentinel commands may do, by command, subcommand and, where it matters, a word more.
 * Redis' own flags can't tell `CONFIG GET` from `CONFIG SET`, or `SENTINEL MASTERS` from `SENTINEL FAILOVER`.
 *
 * - read: changes nothing but this connection.
 * - change: data, configuration, roles or clients change, as everyday work does. REPLICAOF is one: it gives up what the
 *   node alone has, and fencing an old master is just that.
 * - destructive: discards at one blow what no command brings back, ends the server, or lets foreign code in.
 *
 * Covers Redis 7.0 in full, and what 7.2 to 8.0 and Sentinel add. What is not here goes by the server's own flags.
 */
const reads = `
	GET MGET GETRANGE SUBSTR STRLEN LCS EXISTS TYPE TTL PTTL EXPIRETIME PEXPIRETIME DUMP KEYS SCAN RANDOMKEY DBSIZE TOUCH
	BITCOUNT BITPOS BITFIELD_RO GETBIT SORT_RO
	HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSTRLEN HSCAN HRANDFIELD HTTL HPTTL HEXPIRETIME HPEXPIRETIME
	LRANGE LLEN LINDEX LPOS
	SMEMBERS SCARD SISMEMBER SMISMEMBER SRANDMEMBER SSCAN SINTER SINTERCARD SUNION SDIFF
	ZRANGE ZRANGEBYSCORE ZRANGEBYLEX ZREVRANGE ZREVRANGEBYSCORE ZREVRANGEBYLEX ZCARD ZCOUNT ZLEXCOUNT ZSCORE ZMSCORE
	ZRANK ZREVRANK ZSCAN ZRANDMEMBER ZINTER ZINTERCARD ZUNION ZDIFF
	GEODIST GEOHASH GEOPOS GEOSEARCH GEORADIUS_RO GEORADIUSBYMEMBER_RO PFCOUNT PFSELFTEST
	XLEN XRANGE XREVRANGE XREAD XPENDING XINFO|STREAM XINFO|GROUPS XINFO|CONSUMERS XINFO|HELP XGROUP|HELP
	EVAL_RO EVALSHA_RO FCALL_RO
	PING ECHO TIME ROLE INFO LASTSAVE LOLWUT WAIT WAITAOF AUTH HELLO SELECT ASKING READONLY READWRITE
	MULTI EXEC DISCARD WATCH UNWATCH
	COMMAND COMMAND|COUNT COMMAND|DOCS COMMAND|GETKEYS COMMAND|GETKEYSANDFLAGS COMMAND|INFO COMMAND|LIST COMMAND|HELP
	CONFIG|GET CONFIG|HELP
	CLIENT|LIST CLIENT|INFO CLIENT|ID CLIENT|GETNAME CLIENT|GETREDIR CLIENT|TRACKINGINFO CLIENT|HELP
	CLIENT|SETNAME CLIENT|SETINFO CLIENT|NO-EVICT CLIENT|NO-TOUCH CLIENT|CACHING CLIENT|TRACKING
	OBJECT|ENCODING OBJECT|FREQ OBJECT|IDLETIME OBJECT|REFCOUNT OBJECT|HELP
	MEMORY|USAGE MEMORY|STATS MEMORY|DOCTOR MEMORY|MALLOC-STATS MEMORY|HELP
	LATENCY|DOCTOR LATENCY|GRAPH LATENCY|HISTOGRAM LATENCY|HISTORY LATENCY|LATEST LATENCY|HELP
	SLOWLOG|GET SLOWLOG|LEN SLOWLOG|HELP
	ACL|CAT ACL|DRYRUN ACL|GENPASS ACL|GETUSER ACL|LIST ACL|LOG ACL|USERS ACL|WHOAMI ACL|HELP
	PUBSUB|CHANNELS PUBSUB|NUMPAT PUBSUB|NUMSUB PUBSUB|SHARDCHANNELS PUBSUB|SHARDNUMSUB PUBSUB|HELP
	SCRIPT|EXISTS SCRIPT|HELP FUNCTION|LIST FUNCTION|DUMP FUNCTION|STATS FUNCTION|HELP MODULE|LIST MODULE|HELP
	CLUSTER|INFO CLUSTER|NODES CLUSTER|SLOTS CLUSTER|SHARDS CLUSTER|LINKS CLUSTER|MYID CLUSTER|MYSHARDID CLUSTER|KEYSLOT
	CLUSTER|COUNTKEYSINSLOT CLUSTER|GETKEYSINSLOT CLUSTER|COUNT-FAILURE-REPORTS CLUSTER|REPLICAS CLUSTER|SLAVES CLUSTER|HELP
	DEBUG|OBJECT DEBUG|DIGEST DEBUG|DIGEST-VALUE DEBUG|HTSTATS DEBUG|HTSTATS-KEY DEBUG|LISTPACK DEBUG|QUICKLIST DEBUG|HELP
	SENTINEL|CKQUORUM SENTINEL|GET-MASTER-ADDR-BY-NAME SENTINEL|INFO-CACHE SENTINEL|MASTER SENTINEL|MASTERS SENTINEL|MYID
	SENTINEL|PENDING-SCRIPTS SENTINEL|REPLICAS SENTINEL|SLAVES SENTINEL|SENTINELS SENTINEL|CONFIG|GET SENTINEL|HELP
`;

const changes = `
	SET SETNX SETEX PSETEX SETRANGE MSET MSETNX GETSET GETDEL GETEX APPEND INCR INCRBY INCRBYFLOAT DECR DECRBY
	SETBIT BITOP BITFIELD
	DEL UNLINK RENAME RENAMENX COPY MOVE PERSIST EXPIRE PEXPIRE EXPIREAT PEXPIREAT SORT RESTORE RESTORE-ASKING MIGRATE SWAPDB
	HSET HSETNX HMSET HDEL HINCRBY HINCRBYFLOAT HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HPERSIST HGETDEL HGETEX HSETEX
	LPUSH LPUSHX RPUSH RPUSHX LPOP RPOP LSET LINSERT LREM LTRIM LMOVE RPOPLPUSH LMPOP BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP
	SADD SREM SPOP SMOVE SINTERSTORE SUNIONSTORE SDIFFSTORE
	ZADD ZREM ZINCRBY ZPOPMIN ZPOPMAX ZMPOP BZPOPMIN BZPOPMAX BZMPOP ZRANGESTORE ZINTERSTORE ZUNIONSTORE ZDIFFSTORE
	ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE
	GEOADD GEOSEARCHSTORE GEORADIUS GEORADIUSBYMEMBER PFADD PFMERGE PFDEBUG
	XADD XDEL XTRIM XACK XCLAIM XAUTOCLAIM XREADGROUP XSETID XGROUP|CREATE XGROUP|CREATECONSUMER XGROUP|DELCONSUMER
	XGROUP|DESTROY XGROUP|SETID
	PUBLISH SPUBLISH EVAL EVALSHA FCALL SCRIPT|LOAD SCRIPT|DEBUG SCRIPT|KILL SCRIPT|FLUSH
	FUNCTION|LOAD FUNCTION|RESTORE FUNCTION|KILL
	CONFIG|SET CONFIG|REWRITE CONFIG|RESETSTAT
	CLIENT|KILL CLIENT|PAUSE CLIENT|UNPAUSE CLIENT|UNBLOCK
	REPLICAOF SLAVEOF FAILOVER REPLCONF SAVE BGSAVE BGREWRITEAOF
	MEMORY|PURGE LATENCY|RESET SLOWLOG|RESET ACL|LOG|RESET ACL|SETUSER ACL|SAVE ACL|LOAD
	CLUSTER|MEET CLUSTER|ADDSLOTS CLUSTER|ADDSLOTSRANGE CLUSTER|SETSLOT CLUSTER|REPLICATE CLUSTER|FAILOVER
	CLUSTER|SAVECONFIG CLUSTER|BUMPEPOCH CLUSTER|SET-CONFIG-EPOCH
	DEBUG|SLEEP DEBUG|SET-ACTIVE-EXPIRE DEBUG|JMAP
	SENTINEL|FAILOVER SENTINEL|MONITOR SENTINEL|SET SENTINEL|RESET SENTINEL|FLUSHCONFIG SENTINEL|CONFIG|SET SENTINEL|DEBUG
	SENTINEL|IS-MASTER-DOWN-BY-ADDR
`;

const destroys = `
	FLUSHALL FLUSHDB SHUTDOWN
	FUNCTION|DELETE FUNCTION|FLUSH ACL|DELUSER MODULE|LOAD MODULE|LOADEX MODULE|UNLOAD
	CLUSTER|FORGET CLUSTER|DELSLOTS CLUSTER|DELSLOTSRANGE CLUSTER|FLUSHSLOTS CLUSTER|RESET
	DEBUG SENTINEL|REMOVE SENTINEL|SIMULATE-FAILURE
`;

const words = (list: string): string[] => list.trim().split(/\s+/);

const table: ReadonlyMap<string, Risk> = new Map<string, Risk>([
	...words(reads).map((name): [string, Risk] => [name, "read"]),
	...words(changes).map((name): [string, Risk] => [name, "change"]),
	...words(destroys).map((name): [string, Risk] => [name, "destructive"]),
]);

/** The names that the table knows, as `CONFIG|GET`. For the tests that hold it against a server's own list. */
export const reviewedCommands: readonly string[] = [...table.keys()];

const containers = new Set(
	[...table.keys()].flatMap((name) => (name.includes("|") ? [name.replace(/\|[^|]*$/, "")] : [])),
);

/** The words that say which command this is, in capitals: `GET`, `CONFIG SET`, `ACL LOG RESET`; of others only the first. */
function commandName(argv: readonly string[]): string[] {
	const [command = "", sub, third] = argv.slice(0, 3).map((word) => word.toUpperCase());
	if (sub === undefined || !containers.has(command)) return [command];
	return third === undefined || !containers.has(`${command}|${sub}`) ? [command, sub] : [command, sub, third];
}

/** Whether a `{{placeholder}}` stands where the command's name does: then nobody can say what it may do. */
export function nameIsOpen(argv: readonly string[]): boolean {
	return commandName(argv).some((word) => word.includes("{{"));
}

/**
 * The table's word on a command, by its longest listed beginning (`ACL LOG RESET` before `ACL LOG`), or null when it has none.
 * A subcommand that is not listed is never judged by its sisters, nor a name that is still open. Letter case is ignored.
 */
export function reviewedRisk(argv: readonly string[]): Risk | null {
	if (nameIsOpen(argv)) return null;
	for (const name = commandName(argv); name.length > 0; name.pop()) {
		const risk = table.get(name.join("|"));
		if (risk !== undefined) return risk;
	}
	return null;
}

/**
 * The risk of a command: the table, else the server's own flags, else `destructive`.
 * `flags` are those of `COMMAND INFO` in lower case; null when the server does not know the command or can't be asked.
 */
export function commandRisk(argv: readonly string[], flags: readonly string[] | null): Risk {
	const reviewed = reviewedRisk(argv);
	if (reviewed !== null) return reviewed;
	if (flags?.includes("write")) return "change";
	if (flags?.includes("readonly")) return "read";
	return "destructive";
}

/** Commands that never give a connection back: they have no reply to wait for, so they can't be a step. */
const takesConnection = new Set(
	words("SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR SYNC PSYNC QUIT RESET HELLO"),
);

/** Whether the command would take over or end its connection (`MONITOR`, `SUBSCRIBE`, `CLIENT REPLY` ...). */
export function takesOverConnection(argv: readonly string[]): boolean {
	const [command = "", sub = ""] = argv.slice(0, 2).map((word) => word.toUpperCase());
	return takesConnection.has(command) || (command === "CLIENT" && sub === "REPLY");
}
