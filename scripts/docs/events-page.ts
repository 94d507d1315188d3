import { z } from 'zod';
import { eventData, LEVELS } from '../../src/events/catalogue.js';
import { page, table } from './markdown.js';

interface Node {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
}

function typeOf(node: Node): string {
  if (node.enum) return node.enum.map(String).join(' | ');
  if (node.anyOf) return node.anyOf.map(typeOf).join(' or ');
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}`;
  return [node.type ?? 'any'].flat().join(' or ');
}

function fields(node: Node): string {
  const required = new Set(node.required);
  const rows = Object.entries(node.properties ?? {}).map(([name, child]) => [
    `\`${name}\``,
    typeOf(child),
    required.has(name) ? '' : 'may be absent',
  ]);
  return rows.length === 0 ? 'No data.' : table(['field', 'type', ''], rows);
}

/** docs/events.md. */
export function eventsPage(): string {
  const parts = Object.entries(eventData).flatMap(([type, schema]) => [
    `## ${type}`,
    fields(z.toJSONSchema(schema, { unrepresentable: 'any' }) as Node),
  ]);
  return page(
    'Events',
    'Everything that happens is one of these, in `journal.jsonl`, one JSON object a line: `v` (format, 1), `seq` (rises by one), ' +
      '`at` (epoch milliseconds), `run` (the invocation), `worker`, `type`, `level` ' +
      `(${LEVELS.join(', ')}), \`text\` (a line for a person) and \`data\`:`,
    parts,
  );
}
