import type { ConfigKey } from './keys.js';

/** Where a value comes from; the first in this order wins. */
export type Origin =
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'default' };

/** One value of the configuration and where it comes from: a row of `waa config show --origin`. */
export interface OriginRow {
  readonly key: string;
  /** Undefined for an optional key that is not set. */
  readonly value: unknown;
  readonly origin: Origin;
}

/** An origin in words: `--region`, `WAA_AZURE_REGION`, `waa.yaml:12`, `default`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'flag':
    case 'env':
      return origin.name;
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'default':
      return 'default';
  }
}

/** Every key with its value in the resolved configuration. */
export function originRows(
  keys: readonly ConfigKey[],
  config: unknown,
  origins: ReadonlyMap<string, Origin>,
): readonly OriginRow[] {
  return keys.map(({ path }) => ({
    key: path,
    value: valueAt(config, path),
    origin: origins.get(path) ?? { kind: 'default' },
  }));
}

function valueAt(config: unknown, path: string): unknown {
  let value = config;
  for (const part of path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  }
  return value;
}
