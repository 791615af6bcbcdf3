import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What is counted of this server: numbers only, no names of sessions, people, hosts or paths. */
export interface Metrics {
	registry: Registry;
	requests: Counter<"method" | "status">;
	refusals: Counter<"code">;
	socketRequests: Histogram<"request" | "outcome">;
	sockets: Gauge;
	sessionsOpen: Gauge;
	events: Counter;
	runs: Counter<"outcome">;
}

/** A registry of its own: nothing of it is global. */
export function createMetrics(): Metrics {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	const registers = [registry];
	return {
		registry,
		requests: new Counter({
			name: "runledger_http_requests_total",
			help: "HTTP requests answered.",
			labelNames: ["method", "status"],
			registers,
		}),
		refusals: new Counter({
			name: "runledger_refusals_total",
			help: "Requests refused at the doors.",
			labelNames: ["code"],
			registers,
		}),
		socketRequests: new Histogram({
			name: "runledger_socket_request_seconds",
			help: "Time to answer a request of the page.",
			labelNames: ["request", "outcome"],
			buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
			registers,
		}),
		sockets: new Gauge({ name: "runledger_sockets", help: "Pages connected.", registers }),
		sessionsOpen: new Gauge({ name: "runledger_sessions_open", help: "Sessions that are open.", registers }),
		events: new Counter({ name: "runledger_events_total", help: "Session events made durable.", registers }),
		runs: new Counter({
			name: "runledger_runs_total",
			help: "Runs finished.",
			labelNames: ["outcome"],
			registers,
		}),
	};
}
