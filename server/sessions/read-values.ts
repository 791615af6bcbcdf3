import type { JsonValue } from "../../core/json.ts";

/** Values by name that note which of them were read: those are what a plan was made with. */
export class ReadValues extends Map<string, JsonValue> {
	/** What was read so far, as it was. */
	readonly read = new Map<string, JsonValue>();

	override get(name: string): JsonValue | undefined {
		const value = super.get(name);
		if (value !== undefined) this.read.set(name, value);
		return value;
	}
}
