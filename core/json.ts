/** A JSON value: what may stand in an event, a plan or a result. Integers beyond 2^53 travel as strings. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

export type JsonObject = { [key: string]: JsonValue };
