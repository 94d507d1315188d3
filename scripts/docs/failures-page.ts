import { catalogue, failureCodes, type FailureCode } from '../../src/failures/catalogue/index.js';
import { exitCodeOf } from '../../src/failures/exit-codes.js';
import type { FailureDefinition, FailureParams } from '../../src/failures/failure.js';
import { page } from './markdown.js';

/** A value of a message that reads as its own name, whatever a text does with it. */
function named(name: string): unknown {
  const text = `<${name}>`;
  return Object.assign(Object(text) as object, { toFixed: () => text, toString: () => text });
}

/** Stands for the values of a message: every parameter reads as its own name. */
const names = new Proxy({}, { get: (_target, name) => named(String(name)) }) as FailureParams;

/** Sums and roundings of a named value are no number; the page says so in words. */
function readable(text: string): string {
  return text.replace(/NaN/g, '<number>');
}

const LAYERS: readonly [FailureDefinition['layer'], string][] = [
  ['azure', 'Azure'],
  ['vm', 'Virtual machine'],
  ['docker', 'Docker'],
  ['qemu', 'Container and QEMU'],
  ['windows', 'Windows'],
  ['server', 'WAA server'],
  ['client', 'Benchmark client'],
  ['own', 'waa itself'],
  ['usage', 'Command line'],
];

/** The definition of a code with its parameters forgotten. */
export function definitionOf(code: FailureCode): FailureDefinition {
  return catalogue[code] as unknown as FailureDefinition;
}

function entry(code: FailureCode): string {
  const definition = definitionOf(code);
  const steps = definition.fix(names).map((step, index) => `${index + 1}. \`${readable(step).replace(/`/g, "'")}\``);
  return [
    `### ${code}`,
    `*${definition.disposition}, exit code ${exitCodeOf(definition)}.* \`${readable(definition.symptom(names)).replace(/`/g, "'")}\``,
    definition.why,
    steps.join('\n'),
  ].join('\n\n');
}

/** docs/failures.md. */
export function failuresPage(): string {
  const parts = LAYERS.flatMap(([layer, title]) => {
    const codes = failureCodes.filter((code) => definitionOf(code).layer === layer).sort();
    return codes.length === 0 ? [] : [`## ${title}`, ...codes.map(entry)];
  });
  return page(
    'Failures',
    `Every failure \`waa\` can name (${failureCodes.length}). *transient*: waa tries again. *recoverable*: waa repairs and verifies. ` +
      '*permanent*: waa stops at once, you have to act. *bug*: ours. `<name>` stands for a value.',
    parts,
  );
}
