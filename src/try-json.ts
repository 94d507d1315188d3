/** Parses JSON of others. Undefined for what is none: the schema that every foreign answer goes through refuses it then. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
