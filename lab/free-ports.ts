import { createServer } from "node:net";
import { processPlatform } from "./process-platform.ts";

/**
 * Free loopback ports, outside of those that the system gives to outgoing connections. Nobody holds them until the
 * nodes listen, so whoever uses them must be ready to ask again.
 */
export async function freePorts(count: number, random: () => number, except: ReadonlySet<number>): Promise<number[]> {
	const [from, to] = processPlatform.outgoingPorts();
	const lowest = 15_000;
	const ports = new Set<number>();
	for (let tries = 0; ports.size < count && tries < 2_000; tries++) {
		// Sentinel and Redis Cluster derive no further ports from these.
		const port = lowest + Math.floor(random() * (60_000 - lowest));
		if ((port >= from && port <= to) || ports.has(port) || except.has(port)) continue;
		if (await isFree(port)) ports.add(port);
	}
	if (ports.size < count) throw new Error("no free ports were found");
	return [...ports];
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
	});
}
