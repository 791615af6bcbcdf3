import { expect, it } from "vitest";
import { rankByWords } from "./rank-by-words.ts";

it("the start of a word counts more than its inside, and every word must occur", () => {
	const titles = ["Undo the failover", "Planned failover of a Redis master", "Redis health (quick)"];
	expect(rankByWords(titles, "fail red", (t) => t)).toEqual(["Planned failover of a Redis master"]);
	expect(rankByWords(titles, "over", (t) => t)).toHaveLength(2);
	expect(rankByWords(["xredis", "a redis"], "redis", (t) => t)).toEqual(["a redis", "xredis"]);
	expect(rankByWords(titles, "(q", (t) => t)).toEqual(["Redis health (quick)"]);
	expect(rankByWords(titles, "", (t) => t)).toEqual(titles);
});
