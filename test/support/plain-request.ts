import { request as httpRequest, type IncomingHttpHeaders } from "node:http";

/** What a server answered. */
export interface PlainAnswer {
	status: number;
	headers: IncomingHttpHeaders;
	body: string;
}

/** A request with exactly these headers: fetch would not let us forge Host. Rejects when the connection is cut. */
export function plainRequest(
	server: string,
	method: string,
	path: string,
	headers: Record<string, string> = {},
	body: string | Buffer = "",
): Promise<PlainAnswer> {
	const { hostname, port } = new URL(server);
	return new Promise((resolve, reject) => {
		const request = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => {
				text += chunk;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
			response.on("error", reject);
		});
		request.on("error", reject);
		request.end(body);
	});
}
