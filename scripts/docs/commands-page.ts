import type { CommandSpec } from '../../src/commands/command.js';
import { commandTable } from '../../src/commands/table.js';
import { page, table } from './markdown.js';

const GATES: Readonly<Record<CommandSpec['gate'], string>> = {
  none: '',
  create: 'Preflight checks for creating resources must pass first.',
  resume: 'Preflight checks for starting a worker must pass first.',
  run: 'Preflight checks for running tasks must pass first.',
};

function section(spec: CommandSpec): string {
  const args = (spec.arguments ?? []).map(({ syntax }) => ` ${syntax}`).join('');
  const rows = [
    ...(spec.arguments ?? []).map((a) => [`\`${a.syntax}\``, a.description]),
    ...(spec.options ?? []).map((o) => [`\`${o.flags}\``, o.description]),
  ];
  const examples = (spec.examples ?? []).map((line) => `    waa ${line}`).join('\n');
  return [
    `### waa ${spec.name}`,
    `\`waa ${spec.name}${args}\``,
    `${spec.summary}. ${GATES[spec.gate]}`.trim(),
    rows.length > 0 ? table(['', ''], rows) : '',
    examples,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** docs/commands.md. */
export function commandsPage(): string {
  const shown = commandTable.filter((spec) => spec.hidden !== true);
  const groups = [...new Set(shown.map((spec) => spec.group))];
  const parts = groups.flatMap((group) => [
    `## ${group}`,
    ...shown.filter((spec) => spec.group === group).map(section),
  ]);
  return page(
    'Commands',
    'Everywhere: `--json` one JSON document on stdout · `--lab` the emulated subscription (also `WAA_LAB=1`) · `--home DIRECTORY` ' +
      'state home · `--debug` log and stack traces on stderr · `--no-color` (also `NO_COLOR`).',
    parts,
  );
}
