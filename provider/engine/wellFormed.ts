/** The same value, as far as a message of Pulumi has a form for it: it has none for half of a surrogate pair, nor for what is not set. */
export function wellFormed<Value extends object>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replace(halves, "\ufffd"));
}

/** Half a surrogate pair in JSON, which has an escape for it. A backslash before it would be one of a pair. */
const halves = /(?<=(?<!\\)(?:\\\\)*)\\ud[\da-f]{3}/g;
