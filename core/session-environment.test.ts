import { expect, it } from "vitest";
import { sessionEnvironment } from "./session-environment.ts";
import type { RunState } from "./session-state.ts";
import type { Environment } from "./target.ts";

let runs = 0;
function runOn(...nodes: [cluster: string, environment: Environment][]): Record<string, RunState> {
	const steps = [{ commands: nodes.map(([cluster, environment]) => ({ node: { cluster, environment } })) }];
	const content = JSON.stringify({ steps });
	return { [`r${++runs}`]: { plan: { ref: "r", bytes: content.length, content } } as RunState };
}
const orders = { cluster: "orders", environment: "lab" } as const;

it("a session stands in the environment of the clusters that were chosen, the gravest of several", () => {
	const state = { status: "open", runs: {} } as const;
	expect(sessionEnvironment(state, [orders])).toBe("lab");
	expect(sessionEnvironment(state, [orders, { cluster: "carts", environment: "production" }])).toBe("production");
});

it("a run elsewhere does not change where the session stands, be it open or closed", () => {
	const runs = { ...runOn(["local", "staging"]), ...runOn(["orders", "lab"], ["carts", "production"]) };
	for (const status of ["open", "closed"] as const) expect(sessionEnvironment({ status, runs }, [orders])).toBe("lab");
});

it("a session that chose no cluster stands where its runs went, and nowhere before", () => {
	expect(sessionEnvironment({ status: "open", runs: {} }, [])).toBeNull();
	expect(sessionEnvironment({ status: "open", runs: runOn() }, [])).toBeNull();
	const both = { ...runOn(["orders", "staging"]), ...runOn(["carts", "lab"]) };
	expect(sessionEnvironment({ status: "closed", runs: both }, [])).toBe("staging");
});

it("this machine, of which nobody has said what it is, gives a session no environment; one that is configured does", () => {
	const runs = runOn(["local", "staging"]);
	expect(sessionEnvironment({ status: "open", runs }, [])).toBeNull();
	expect(sessionEnvironment({ status: "open", runs }, [{ cluster: "local", environment: "production" }])).toBe(
		"production",
	);
});

it("an open session goes by what a cluster is now, a closed one by what was recorded", () => {
	const runs = runOn(["orders", "staging"]);
	const now = { cluster: "orders", environment: "production" } as const;
	expect(sessionEnvironment({ status: "open", runs }, [now])).toBe("production");
	expect(sessionEnvironment({ status: "closed", runs }, [now])).toBe("staging");
});

it("what is configured no more is known from its runs, what was erased or never run from the configuration", () => {
	const gone = { cluster: "orders", environment: null };
	expect(sessionEnvironment({ status: "open", runs: runOn(["orders", "staging"]) }, [gone])).toBe("staging");
	expect(sessionEnvironment({ status: "closed", runs: runOn(["local", "staging"]) }, [gone])).toBeNull();
	const erased = { r: { plan: { ref: "r", bytes: 9 } } as RunState };
	expect(sessionEnvironment({ status: "closed", runs: erased }, [orders])).toBe("lab");
	const odd = { r: { plan: { ref: "r", bytes: 9, content: '{"steps":[{}]}' } } as RunState };
	expect(sessionEnvironment({ status: "closed", runs: odd }, [orders])).toBe("lab");
});
