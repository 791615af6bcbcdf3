/** Reads INFO's `field:value` lines; section headings and empty lines are left out. */
export function parseInfo(text: string): Record<string, string> {
	const fields: Record<string, string> = {};
	for (const line of text.split("\r\n")) {
		const colon = line.indexOf(":");
		if (colon > 0 && !line.startsWith("#")) fields[line.slice(0, colon)] = line.slice(colon + 1);
	}
	return fields;
}

/** Reads a value such as `ip=127.0.0.1,port=6380,state=online,offset=14,lag=0`. */
export function parseInfoFields(value: string): Record<string, string> {
	const fields: Record<string, string> = {};
	for (const part of value.split(",")) {
		const equals = part.indexOf("=");
		if (equals > 0) fields[part.slice(0, equals)] = part.slice(equals + 1);
	}
	return fields;
}
