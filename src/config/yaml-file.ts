import { isMap, isScalar, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';
import { didYouMean } from '../failures/nearest.js';
import { fail } from '../failures/waa-error.js';
import type { ConfigKey } from './keys.js';

/** A configuration file as read. `path` is how messages name it. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** One value of a file. */
export interface FileValue {
  readonly key: string;
  readonly value: unknown;
  readonly line: number;
}

/**
 * The values of a configuration file, each with its line. An empty file, or an empty section, sets nothing.
 * Raises OWN_CONFIG_SYNTAX, OWN_CONFIG_UNKNOWN_KEY and OWN_CONFIG_INVALID (a value where a section belongs).
 */
export function readConfigFile(
  file: ConfigFile,
  keys: ReadonlyMap<string, ConfigKey>,
  sections: ReadonlySet<string>,
): readonly FileValue[] {
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const line = lines.linePos(error.pos[0]).line;
    throw fail('OWN_CONFIG_SYNTAX', { file: file.path, line, problem: error.message }, { cause: error });
  }
  const lineOf = (node: unknown): number => lines.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  const root: unknown = document.contents;
  if (isEmpty(root)) return [];
  if (!isMap(root)) {
    const where = `${file.path}:${lineOf(root)}`;
    throw fail('OWN_CONFIG_INVALID', {
      where,
      key: 'the file',
      got: 'not a mapping',
      expected: 'sections such as azure:',
    });
  }

  const walk = (map: YAMLMap, prefix: string): readonly FileValue[] =>
    map.items.flatMap((pair): readonly FileValue[] => {
      const name = isScalar(pair.key) ? String(pair.key.value) : 'a complex key';
      const key = prefix === '' ? name : `${prefix}.${name}`;
      const where = `${file.path}:${lineOf(pair.key)}`;
      if (sections.has(key)) {
        if (isMap(pair.value)) return walk(pair.value, key);
        if (isEmpty(pair.value)) return [];
        throw fail('OWN_CONFIG_INVALID', {
          where,
          key,
          got: 'a single value',
          expected: 'a section with keys below it',
        });
      }
      if (!keys.has(key)) {
        const hint = didYouMean(key, [...keys.keys(), ...sections], `Remove ${key} from ${file.path}.`);
        throw fail('OWN_CONFIG_UNKNOWN_KEY', { where, key, hint });
      }
      const value: unknown = (pair.value as Node | null)?.toJS(document) ?? null;
      return [{ key, value, line: lineOf(pair.key) }];
    });
  return walk(root, '');
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}
