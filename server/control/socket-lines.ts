import type { Socket } from "node:net";
import { maxControlLine } from "./control-protocol.ts";

/** Calls back with each line that comes; a line that is too long ends the connection. */
export function onLines(socket: Socket, listener: (line: string) => void): void {
	let parts: string[] = [];
	let length = 0;
	socket.setEncoding("utf8");
	socket.on("data", (chunk: string) => {
		let from = 0;
		for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", from)) {
			const line = parts.join("") + chunk.slice(from, end);
			parts = [];
			length = 0;
			from = end + 1;
			if (line !== "") listener(line);
		}
		if (from < chunk.length) {
			parts.push(chunk.slice(from));
			length += chunk.length - from;
		}
		if (length > maxControlLine) socket.destroy(new Error("line too long"));
	});
}
