import { readFileSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ProblemError } from "../../core/problem.ts";
import { splitAddress } from "../../core/target.ts";
import type { Target, TargetHost } from "../target-kind.ts";
import type { RedisConfig, RedisTls } from "./redis-config.ts";
import type { RedisReply } from "./redis-reply.ts";
import { type ReplyBounds, ReplyTooLarge, RespReader, writeCommand } from "./resp-reader.ts";

/** Whom to speak to: data nodes and Sentinels have credentials of their own. */
export type RedisDoor = "data" | "sentinel";

/** What a cluster says of itself is far below this; links that only look need no more. */
const boundsOfLooking: ReplyBounds = { bytes: 4 * 2 ** 20, items: 100_000 };

interface Waiting {
	resolve(reply: RedisReply): void;
	reject(error: Error): void;
}

/**
 * One authenticated socket to one Redis process. Requests are answered in order; nothing is ever sent twice.
 * Used for everything that must be certain which process answered; only probes follow failovers.
 */
export class RedisLink {
	readonly address: string;
	readonly #socket: Socket;
	readonly #waiting: Waiting[] = [];
	#lost: Error | null = null;
	/** Called with replies that no request waits for: published messages. */
	onPush: ((reply: RedisReply) => void) | null = null;
	onLost: (() => void) | null = null;

	private constructor(address: string, socket: Socket, bounds: ReplyBounds) {
		this.address = address;
		this.#socket = socket;
		const reader = new RespReader(bounds, (reply) => {
			const waiting = this.#waiting.shift();
			if (waiting) waiting.resolve(reply);
			else this.onPush?.(reply);
		});
		socket.on("data", (chunk: Buffer) => {
			try {
				reader.write(chunk);
			} catch (error) {
				socket.destroy(error instanceof ReplyTooLarge ? tooLarge(address, error) : (error as Error));
			}
		});
		socket.on("error", (error) => this.#lose(error));
		socket.on("close", () => this.#lose(new Error("connection closed")));
	}

	/**
	 * Connects and authenticates within `timeoutMs`. Throws `target-unreachable` with a phrase that says why
	 * (`connection refused`, `no answer`, `wrong credentials` ...). A reply beyond `bounds` closes the link.
	 */
	static async open(
		target: Target<RedisConfig>,
		door: RedisDoor,
		address: string,
		host: TargetHost,
		timeoutMs: number,
		bounds: ReplyBounds = boundsOfLooking,
	): Promise<RedisLink> {
		const tls = door === "sentinel" ? target.config.sentinelTls : target.config.tls;
		const source = door === "sentinel" ? target.config.sentinelPassword : target.config.password;
		const user = door === "sentinel" ? target.config.sentinelUser : target.config.user;
		const password = source === undefined ? undefined : host.readSecret(source);
		const socket = openSocket(address, tls);
		const link = new RedisLink(address, socket, bounds);
		const timer = setTimeout(() => socket.destroy(new Error("no answer")), timeoutMs);
		try {
			await new Promise<void>((resolve, reject) => {
				socket.once(tls === undefined ? "connect" : "secureConnect", () => resolve());
				socket.once("error", reject);
				socket.once("close", () => reject(new Error("connection closed")));
			});
			if (password !== undefined) {
				const reply = await link.call(user === undefined ? ["AUTH", password] : ["AUTH", user, password]);
				if (reply.kind === "error") throw new Error("wrong credentials");
			}
			return link;
		} catch (error) {
			socket.destroy();
			throw unreachable(address, error);
		} finally {
			clearTimeout(timer);
		}
	}

	get closed(): boolean {
		return this.#lost !== null;
	}

	/**
	 * Sends one command. Rejects with `target-unreachable` when the connection is lost before the reply came, with
	 * `output-limit` when the reply is beyond its bounds: the command was done then.
	 */
	call(argv: readonly string[]): Promise<RedisReply> {
		if (this.#lost) return Promise.reject(unreachable(this.address, this.#lost));
		return new Promise((resolve, reject) => {
			this.#waiting.push({ resolve, reject });
			this.#socket.write(writeCommand(argv));
		});
	}

	/** As `call`, and gives the link up when there is no reply within `timeoutMs`: a later one could not be told apart. */
	async callWithin(argv: readonly string[], timeoutMs: number): Promise<RedisReply> {
		const timer = setTimeout(() => this.close(new Error("no answer")), timeoutMs);
		try {
			return await this.call(argv);
		} finally {
			clearTimeout(timer);
		}
	}

	close(reason?: Error): void {
		this.#lose(reason ?? new Error("connection closed"));
		this.#socket.destroy();
	}

	#lose(error: Error): void {
		if (this.#lost) return;
		this.#lost = error;
		for (const waiting of this.#waiting.splice(0)) waiting.reject(unreachable(this.address, error));
		this.onLost?.();
	}
}

function openSocket(address: string, tls: RedisTls | undefined): Socket {
	const [written, port] = splitAddress(address);
	const host = written.startsWith("[") ? written.slice(1, -1) : written;
	if (tls === undefined) return connectTcp({ host, port, noDelay: true, keepAlive: true });
	return connectTls({ host, port, ...tlsFiles(tls) });
}

/** Reads the files of a TLS setting, as node:tls takes them. Throws `config-invalid` when one can't be read. */
export function tlsFiles(tls: RedisTls): { ca?: string; cert?: string; key?: string; servername?: string } {
	const read = (file: string): string => {
		try {
			return readFileSync(file, "utf8");
		} catch (error) {
			throw new ProblemError("config-invalid", `${file} can't be read: ${(error as Error).message}`);
		}
	};
	return {
		...(tls.ca !== undefined && { ca: read(tls.ca) }),
		...(tls.cert !== undefined && { cert: read(tls.cert) }),
		...(tls.key !== undefined && { key: read(tls.key) }),
		...(tls.servername !== undefined && { servername: tls.servername }),
	};
}

/** The same phrase for the same trouble, whatever layer it came from. */
export function troublePhrase(error: unknown): string {
	if (error instanceof ProblemError) {
		const data = error.problem.data;
		return typeof data === "object" && data !== null && !Array.isArray(data) && typeof data.why === "string"
			? data.why
			: error.message;
	}
	const code = (error as NodeJS.ErrnoException).code;
	if (code === "ECONNREFUSED") return "connection refused";
	if (code === "ECONNRESET" || code === "EPIPE") return "connection lost";
	if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unknown host";
	if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return "no route";
	if (code === "ETIMEDOUT") return "no answer";
	return error instanceof Error ? error.message : String(error);
}

function tooLarge(address: string, { message }: ReplyTooLarge): ProblemError {
	return new ProblemError("output-limit", `${address} answered with ${message}, so its reply was not read.`, {
		next: "The command was sent and carried out. Ask for less at once: GETRANGE, LRANGE, HSCAN, SCAN with a COUNT.",
		data: { why: `a reply of ${message}` },
	});
}

function unreachable(address: string, error: unknown): ProblemError {
	if (error instanceof ProblemError) return error;
	const why = troublePhrase(error);
	return new ProblemError("target-unreachable", `${address} does not answer: ${why}.`, { data: { why } });
}
