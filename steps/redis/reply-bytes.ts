import type { RedisReply } from "../../targets/redis/redis-reply.ts";

/** About how many bytes a reply is as a value: its texts, and eight for each value, however short. */
export function replyBytes(reply: RedisReply): number {
	switch (reply.kind) {
		case "status":
		case "error":
			return 8 + Buffer.byteLength(reply.text);
		case "bulk":
			return 8 + reply.bytes.length;
		case "array":
			return reply.items.reduce((sum, item) => sum + replyBytes(item), 8);
		default:
			return 8;
	}
}
