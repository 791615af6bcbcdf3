import type { LabCertificates } from "./lab-certificates.ts";
import type { RedisSentinelOptions } from "./redis-sentinel-options.ts";

/** What the configuration files of a lab's nodes are made from. */
export interface NodeFilesInput {
	masterName: string;
	options: RedisSentinelOptions;
	/** The original master's port first. */
	dataPorts: number[];
	sentinelPorts: number[];
	/** 40 hex digits for each Sentinel. */
	sentinelIds: string[];
	certificates: LabCertificates | null;
	secrets: LabSecrets | null;
}

/** Passwords of a lab with `auth`; they stand in files of mode 0600 and nowhere else. */
export interface LabSecrets {
	/** For operators, on data nodes. */
	data: string;
	/** For operators and the Sentinels among themselves, on Sentinels. */
	sentinel: string;
	/** For replicas towards their master. */
	replication: string;
	/** For Sentinels towards data nodes. */
	watch: string;
}

/** The operator's user name in a lab with `auth`. */
export const operatorUser = "operator";

/** `redis.conf` of a data node. https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/ */
export function dataNodeFile(input: NodeFilesInput, at: number, dir: string): string {
	const { options, secrets } = input;
	const lines = [
		...listening(input, input.dataPorts[at] ?? 0, dir),
		// A node that is killed comes back with its data, as a production node does; without, a master that returned
		// before its failover would empty its replicas.
		"appendonly yes",
		"appendfsync everysec",
		'save ""',
		"repl-diskless-sync yes",
		"repl-diskless-sync-delay 0",
		"repl-ping-replica-period 1",
	];
	if (at > 0) lines.push(`replicaof 127.0.0.1 ${input.dataPorts[0]}`);
	if (options.minReplicasToWrite > 0) {
		lines.push(`min-replicas-to-write ${options.minReplicasToWrite}`, "min-replicas-max-lag 2");
	}
	if (secrets) {
		lines.push(
			"user default off",
			`user ${operatorUser} on >${secrets.data} ~* &* +@all`,
			`user replication on >${secrets.replication} +psync +replconf +ping`,
			// What Sentinel needs: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
			`user watch on >${secrets.watch} allchannels +multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname +client|kill +script|kill`,
			"masteruser replication",
			`masterauth ${secrets.replication}`,
		);
	}
	return `${lines.join("\n")}\n`;
}

/**
 * `sentinel.conf`. The other Sentinels and the replicas are written in, exactly as Sentinel itself writes them once
 * it has found them: that saves the seconds of finding out.
 */
export function sentinelFile(input: NodeFilesInput, at: number, dir: string): string {
	const { masterName: name, options, secrets } = input;
	const lines = [
		...listening(input, input.sentinelPorts[at] ?? 0, dir),
		`sentinel myid ${input.sentinelIds[at]}`,
		`sentinel monitor ${name} 127.0.0.1 ${input.dataPorts[0]} 2`,
		`sentinel down-after-milliseconds ${name} ${options.downAfterMs}`,
		`sentinel failover-timeout ${name} ${options.failoverTimeoutMs}`,
		`sentinel parallel-syncs ${name} 1`,
	];
	if (secrets) {
		lines.push(
			"user default off",
			`user ${operatorUser} on >${secrets.sentinel} ~* &* +@all`,
			`sentinel sentinel-user ${operatorUser}`,
			`sentinel sentinel-pass ${secrets.sentinel}`,
			`sentinel auth-user ${name} watch`,
			`sentinel auth-pass ${name} ${secrets.watch}`,
		);
	}
	for (const port of input.dataPorts.slice(1)) lines.push(`sentinel known-replica ${name} 127.0.0.1 ${port}`);
	input.sentinelPorts.forEach((port, other) => {
		if (other !== at) lines.push(`sentinel known-sentinel ${name} 127.0.0.1 ${port} ${input.sentinelIds[other]}`);
	});
	return `${lines.join("\n")}\n`;
}

function listening(input: NodeFilesInput, port: number, dir: string): string[] {
	const { certificates } = input;
	// A title is written over the environment's memory, where the lab's marker stands.
	const common = [
		"set-proc-title no",
		"bind 127.0.0.1",
		`dir ${quoted(dir)}`,
		"daemonize no",
		"loglevel notice",
		'logfile ""',
	];
	if (!certificates) return [`port ${port}`, ...common];
	return [
		"port 0",
		`tls-port ${port}`,
		`tls-ca-cert-file ${quoted(certificates.ca)}`,
		`tls-cert-file ${quoted(certificates.cert)}`,
		`tls-key-file ${quoted(certificates.key)}`,
		"tls-auth-clients yes",
		"tls-replication yes",
		...common,
	];
}

function quoted(text: string): string {
	return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
