/** What one data node said, or why it said nothing. */
export interface DataReading {
	address: string;
	/** INFO's fields; null when there was no answer. */
	info: Record<string, string> | null;
	trouble?: string;
	/** Whether something answered at all, be it with a refusal. */
	answered: boolean;
	/** How long ago, in milliseconds, it was first seen as a master after it had been seen as a replica. */
	masterSeenForMs?: number;
}

/** What one Sentinel said about the set, or why it said nothing. */
export interface SentinelReading {
	address: string;
	info: Record<string, string> | null;
	trouble?: string;
	answered: boolean;
	/** SENTINEL GET-MASTER-ADDR-BY-NAME; null when it does not watch the set. */
	saysMaster: string | null;
	master: Record<string, string>;
	replicas: Record<string, string>[];
	sentinels: Record<string, string>[];
}

/** Everything that was read at one moment. */
export interface RedisReadings {
	data: DataReading[];
	sentinels: SentinelReading[];
}
