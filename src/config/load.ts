import { join } from 'node:path';
import { didYouMean } from '../failures/nearest.js';
import { fail } from '../failures/waa-error.js';
import { readText } from '../state/store.js';
import { listConfigKeys, sectionsOf, type ConfigKey } from './keys.js';
import { describeOrigin, originRows, type Origin, type OriginRow } from './origin.js';
import { configSchema, type Config } from './schema.js';
import { readConfigFile, type ConfigFile } from './yaml-file.js';

/** A flag that sets a configuration key. */
export interface ConfigFlag {
  /** As typed: `--region`. */
  readonly flag: string;
  /** Dotted key it sets: `azure.region`. */
  readonly key: string;
  readonly value: unknown;
}

export interface ConfigSources {
  readonly flags: readonly ConfigFlag[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The strongest first: `./waa.yaml`, then the one in the state home. */
  readonly files: readonly ConfigFile[];
}

export interface ResolvedConfig {
  readonly config: Config;
  /** Every key with its value and origin, in the order of the schema. */
  readonly rows: readonly OriginRow[];
}

interface Setting {
  readonly value: unknown;
  readonly origin: Origin;
}

/**
 * The configuration from all its sources: flag, then `WAA_<SECTION>_<KEY>`, then the files, then the default. A list
 * replaces a list. Pure. Raises OWN_CONFIG_UNKNOWN_KEY with the nearest name, OWN_CONFIG_INVALID and OWN_CONFIG_SYNTAX.
 */
export function resolveConfig({ flags, env, files }: ConfigSources): ResolvedConfig {
  const list = listConfigKeys();
  const keys = new Map(list.map((key) => [key.path, key]));
  const sections = sectionsOf(list);

  const settings = new Map<string, Setting>();
  for (const file of [...files].reverse()) {
    for (const { key, value, line } of readConfigFile(file, keys, sections)) {
      settings.set(key, { value, origin: { kind: 'file', file: file.path, line } });
    }
  }
  for (const [key, setting] of fromEnv(env, list, sections)) settings.set(key, setting);
  for (const { flag, key, value } of flags) {
    const known = keys.get(key);
    if (!known) throw fail('BUG', { what: `the flag ${flag} sets ${key}, which is no configuration key` });
    if (value === undefined) continue;
    const typed = typeof value === 'string' ? fromText(value, known) : value;
    settings.set(key, { value: typed, origin: { kind: 'flag', name: flag } });
  }

  const config = validate(settings, keys);
  const origins = new Map([...settings].map(([key, { origin }]) => [key, origin]));
  return { config, rows: originRows(list, config, origins) };
}

/**
 * Reads `./waa.yaml` in `workingDirectory` and `config.yaml` in the state home, then resolves.
 * Also raises OWN_CONFIG_UNREADABLE.
 */
export async function loadConfig(
  sources: Omit<ConfigSources, 'files'> & { readonly workingDirectory: string; readonly home: string },
): Promise<ResolvedConfig> {
  const own = join(sources.home, 'config.yaml');
  const files = await Promise.all([
    readOptional(join(sources.workingDirectory, 'waa.yaml'), 'waa.yaml'),
    readOptional(own, own),
  ]);
  return resolveConfig({ ...sources, files: files.filter((file) => file !== undefined) });
}

async function readOptional(file: string, path: string): Promise<ConfigFile | undefined> {
  try {
    const text = await readText(file, 'the configuration');
    return text === undefined ? undefined : { path, text };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const problem = cause instanceof Error ? cause.message : String(error);
    throw fail('OWN_CONFIG_UNREADABLE', { file: path, problem }, { cause });
  }
}

/** Variables that look like a setting but are none are refused; `WAA_HOME` and others without a section are not ours. */
function fromEnv(
  env: ConfigSources['env'],
  keys: readonly ConfigKey[],
  sections: ReadonlySet<string>,
): ReadonlyMap<string, Setting> {
  const byName = new Map(keys.map((key) => [key.env, key]));
  const prefixes = [...sections]
    .filter((section) => !section.includes('.'))
    .map((section) => `WAA_${section.toUpperCase()}_`);
  const settings = new Map<string, Setting>();
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || text === '' || !name.startsWith('WAA_')) continue;
    const key = byName.get(name);
    if (key) {
      settings.set(key.path, { value: fromText(text, key), origin: { kind: 'env', name } });
    } else if (prefixes.some((prefix) => name.startsWith(prefix))) {
      const hint = didYouMean(name, [...byName.keys()], `unset ${name}`);
      throw fail('OWN_CONFIG_UNKNOWN_KEY', { where: 'the environment', key: name, hint });
    }
  }
  return settings;
}

/** Text from a flag or variable in the type of its key; what does not fit stays text and is refused with its words. */
function fromText(text: string, key: ConfigKey): unknown {
  switch (key.type) {
    case 'number':
    case 'integer':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'array':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'string':
      return text;
  }
}

function validate(settings: ReadonlyMap<string, Setting>, keys: ReadonlyMap<string, ConfigKey>): Config {
  const tree: Record<string, unknown> = {};
  for (const [path, { value }] of settings) plant(tree, path.split('.'), value);
  const parsed = configSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path ?? [];
  // An item of a list is reported with its index: the key is the longest known beginning.
  const key = path
    .map((_, index) => path.slice(0, path.length - index).join('.'))
    .find((candidate) => settings.has(candidate));
  const setting = key === undefined ? undefined : settings.get(key);
  if (key === undefined || !setting) {
    throw fail(
      'BUG',
      { what: `the configuration fails at ${path.join('.')}, which nobody set` },
      { cause: parsed.error },
    );
  }
  const expected = keys.get(key)?.expected ?? 'another value';
  throw fail('OWN_CONFIG_INVALID', {
    where: describeOrigin(setting.origin),
    key,
    got: inWords(setting.value),
    expected,
  });
}

function plant(tree: Record<string, unknown>, [name, ...rest]: readonly string[], value: unknown): void {
  if (name === undefined) return;
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const branch = (tree[name] ??= {}) as Record<string, unknown>;
  plant(branch, rest, value);
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
