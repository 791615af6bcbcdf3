import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A line to the server that can be cut. */
export interface TcpProxy {
	port: number;
	/** Ends every connection and refuses new ones. */
	cut(): void;
	mend(): void;
	close(): Promise<void>;
}

/** Passes connections on to a port of this machine. */
export async function openTcpProxy(to: number): Promise<TcpProxy> {
	const sockets = new Set<Socket>();
	let whole = true;
	const server = createServer((near) => {
		if (!whole) {
			near.destroy();
			return;
		}
		const far = connect(to, "127.0.0.1");
		for (const [one, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(one);
			one.on("error", () => other.destroy());
			one.on("close", () => {
				sockets.delete(one);
				other.destroy();
			});
			one.pipe(other);
		}
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const end = () => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		port: (server.address() as AddressInfo).port,
		cut() {
			whole = false;
			end();
		},
		mend() {
			whole = true;
		},
		async close() {
			end();
			server.close();
			await once(server, "close");
		},
	};
}
