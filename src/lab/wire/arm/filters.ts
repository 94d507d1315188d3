import { refuse } from '../../world/azure/arm-error.js';

/**
 * Parses `a eq 'x' and b eq 'y'`, ARM's whole grammar here. Keys come back lower-case. Raises 400
 * `InvalidFilterInQueryString` for anything else.
 */
export function parseFilter(text: string | undefined, allowed: readonly string[]): ReadonlyMap<string, string> {
  const filter = new Map<string, string>();
  if (text === undefined || text.trim() === '') return filter;
  for (const clause of text.trim().split(/\s+and\s+/i)) {
    const match = /^(\w+)\s+eq\s+'((?:[^']|'')*)'$/i.exec(clause);
    const key = match?.[1]?.toLowerCase();
    if (key === undefined || !allowed.some((name) => name.toLowerCase() === key)) {
      throw refuse(400, 'InvalidFilterInQueryString', `Invalid $filter '${text}' specified in the query string.`);
    }
    filter.set(key, (match?.[2] ?? '').replaceAll("''", "'"));
  }
  return filter;
}
