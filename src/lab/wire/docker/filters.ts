import { EngineError } from '../../world/docker/engine-error.js';
import type { StoredContainer } from '../../world/docker/engine-state.js';

/** Filters by name: `{"label":["a=b"]}`, or the older `{"label":{"a=b":true}}`. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** Reads the `filters` parameter; 400 for what is not filters or a name the endpoint does not take. */
export function parseFilters(query: URLSearchParams, accepted: readonly string[]): Filters {
  const text = query.get('filters');
  if (text === null || text === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new EngineError(400, 'invalid filter');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new EngineError(400, 'invalid filter');
  const filters: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (!accepted.includes(name)) throw new EngineError(400, `invalid filter '${name}'`);
    const values = Array.isArray(value) ? value : Object.keys((value ?? {}) as object);
    filters[name] = values.map(String);
  }
  return filters;
}

export const CONTAINER_FILTERS = ['ancestor', 'exited', 'id', 'label', 'name', 'status', 'label!', 'until'] as const;

/** True when a container passes: values of one filter are alternatives, labels must all hold. */
export function matchesContainer(container: StoredContainer, filters: Filters): boolean {
  const { labels, image } = container.config;
  const has = (wanted: string): boolean => {
    const at = wanted.indexOf('=');
    return at < 0 ? wanted in labels : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
  };
  const any = (name: string, test: (value: string) => boolean): boolean => {
    const values = filters[name];
    return values === undefined || values.length === 0 || values.some(test);
  };
  return (
    (filters['label'] ?? []).every(has) &&
    !(filters['label!'] ?? []).some(has) &&
    any('name', (value) => `/${container.name}`.includes(value) || new RegExp(value).test(`/${container.name}`)) &&
    any('id', (value) => container.id.startsWith(value)) &&
    any('status', (value) => container.state === value) &&
    any('exited', (value) => container.state === 'exited' && String(container.exitCode) === value) &&
    any('ancestor', (value) => image === value || container.imageId.includes(value))
  );
}
