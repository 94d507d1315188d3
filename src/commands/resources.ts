import { resolve } from 'node:path';
import { streamsOf } from '../execute.js';
import { formatUsd } from '../money.js';
import { lookDeadline } from '../operations/look-deadline.js';
import { inventory, type Inventory, type ResourceRow } from '../operations/resources.js';
import { formatTime } from '../output/paint/units.js';
import { paintTable } from '../output/paint/table.js';
import type { Style } from '../output/paint/style.js';
import { writePrivate } from '../state/store.js';
import type { CommandHandler } from './command.js';
import { flagOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa resources`: what stands in Azure with our tags, and what a day of it costs. */
export const handle: CommandHandler = async (call) => {
  const { options, surroundings } = call;
  const found = await withSession(call, {}, async (session) => {
    using deadline = lookDeadline(session);
    return await inventory(session, flagOption(options, 'everyone'), deadline);
  });
  const wanted = flagOption(options, 'write') ? 'RESOURCES.md' : textOption(options, 'write');
  const file = wanted === undefined ? undefined : resolve(surroundings.cwd, wanted);
  if (file !== undefined) await writePrivate(file, markdownOf(found), 'the list of resources');
  const style = streamsOf(surroundings, call.globals.color).stdout.style();
  const lines = [...linesOf(found, style), ...(file === undefined ? [] : [`Written to ${file}`])];
  return printResult(call, { ...found, ...(file === undefined ? {} : { file }) }, lines);
};

const shortType = ({ type }: ResourceRow): string => type.split('/').at(-1) ?? type;
const perDay = (usd: number): string => (usd === 0 ? '-' : formatUsd(usd));
const spentText = ({ spentUsd }: Inventory): readonly string[] =>
  Object.entries(spentUsd).map(([name, usd]) => `${name}: ${formatUsd(usd)} so far, as far as this machine knows.`);

function linesOf(found: Inventory, style: Style): readonly string[] {
  if (found.resources.length === 0) return ['Nothing with your tags is in this subscription.'];
  return [
    ...paintTable<ResourceRow>(
      [
        { title: 'Deployment', cell: (row) => row.deployment, shrinkTo: 8 },
        { title: 'Kind', cell: shortType, shrinkTo: 8 },
        { title: 'Name', cell: (row) => row.name, shrinkTo: 12 },
        { title: 'State', cell: (row) => row.detail },
        { title: 'A day', cell: (row) => perDay(row.usdPerDay), align: 'right' },
      ],
      found.resources,
      style,
    ),
    '',
    `${formatUsd(found.usdPerDay)} a day as it is now.`,
    ...spentText(found),
  ];
}

function markdownOf(found: Inventory): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = found.resources.map((row) => {
    const cells = [row.deployment, row.owner ?? '', shortType(row), row.name, row.detail, perDay(row.usdPerDay)];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  return [
    '# Resources in Azure',
    '',
    `Listed by \`waa resources\` at ${formatTime(found.listedAtMs)}. ${formatUsd(found.usdPerDay)} a day.`,
    '',
    '| deployment | owner | kind | name | state | USD a day |',
    '|---|---|---|---|---|--:|',
    ...rows,
    '',
    ...spentText(found).map((text) => `${text}  `),
    '',
  ].join('\n');
}
