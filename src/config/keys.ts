import * as z from 'zod';
import { configSchema } from './schema.js';

/** One thing that can be set. */
export interface ConfigKey {
  /** Dotted path as in the file: `azure.vmSize`. */
  readonly path: string;
  /** Environment variable: `WAA_AZURE_VM_SIZE`. */
  readonly env: string;
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array';
  /** What values are allowed, in words. */
  readonly expected: string;
  readonly description?: string;
  readonly defaultValue?: unknown;
}

/** The part of JSON Schema that `configSchema` turns into. */
interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
}

/** The name of a key's environment variable: camelCase becomes SNAKE_CASE. */
export function envNameOf(path: string): string {
  return `WAA_${path
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\./g, '_')
    .toUpperCase()}`;
}

/** Every key there is, in the order of the schema. Derived from it, so that the two cannot differ. */
export function listConfigKeys(): readonly ConfigKey[] {
  const root: SchemaNode = z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode;
  return leavesOf(root, '');
}

/** Paths that hold other keys: `azure`, `timeouts`, `timeouts.azure`. */
export function sectionsOf(keys: readonly ConfigKey[]): ReadonlySet<string> {
  const sections = new Set<string>();
  for (const { path } of keys) {
    const parts = path.split('.');
    for (let depth = 1; depth < parts.length; depth += 1) sections.add(parts.slice(0, depth).join('.'));
  }
  return sections;
}

function leavesOf(node: SchemaNode, path: string): readonly ConfigKey[] {
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, child]) =>
      leavesOf(child, path === '' ? name : `${path}.${name}`),
    );
  }
  return [
    {
      path,
      env: envNameOf(path),
      type: (node.type ?? 'string') as ConfigKey['type'],
      expected: expectedOf(node),
      ...(node.description === undefined ? {} : { description: node.description }),
      ...(node.default === undefined ? {} : { defaultValue: node.default }),
    },
  ];
}

/** Numbers that JSON Schema adds by itself mean "any safe integer" and say nothing. */
const LIMIT = Number.MAX_SAFE_INTEGER;

function expectedOf(node: SchemaNode): string {
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'array') return 'a list of texts';
  if (node.type === 'integer' || node.type === 'number') return numberRange(node);
  if (node.format === 'uri') return 'a URL such as https://example.org';
  if (node.pattern !== undefined) return `text that matches ${node.pattern}`;
  return node.minLength === undefined ? 'text' : 'text that is not empty';
}

function numberRange(node: SchemaNode): string {
  const noun = node.type === 'integer' ? 'a whole number' : 'a number';
  const low = node.minimum !== undefined && node.minimum > -LIMIT ? node.minimum : undefined;
  const high = node.maximum !== undefined && node.maximum < LIMIT ? node.maximum : undefined;
  const above = node.exclusiveMinimum === undefined ? '' : ` above ${node.exclusiveMinimum}`;
  if (low !== undefined && high !== undefined) return `${noun} from ${low} to ${high}`;
  if (low !== undefined) return `${noun} of at least ${low}`;
  return `${noun}${above}${high === undefined ? '' : `, at most ${high}`}`;
}
