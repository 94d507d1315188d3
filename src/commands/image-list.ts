import { streamsOf } from '../execute.js';
import { formatUsd } from '../money.js';
import { listImages, type ListedImage } from '../operations/images.js';
import { lookDeadline } from '../operations/look-deadline.js';
import { paintTable } from '../output/paint/table.js';
import type { CommandHandler } from './command.js';
import { hint } from './hints.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

const dayOf = (iso: string | undefined): string => iso?.slice(0, 10) ?? '-';

/** `waa image-list` */
export const handle: CommandHandler = async (call) => {
  const images = await withSession(call, {}, async (session) => {
    using deadline = lookDeadline(session);
    return await listImages(session, deadline);
  });
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const lines =
    images.length === 0
      ? [hint(call, 'There is no golden image. Make one: waa image-create NAME')]
      : [
          ...paintTable<ListedImage>(
            [
              { title: 'Image', cell: ({ name }) => name, shrinkTo: 8 },
              { title: 'Region', cell: ({ region }) => region, shrinkTo: 6 },
              { title: 'Size', cell: ({ disk }) => (disk ? `${disk.gb} GB` : '-'), align: 'right' },
              { title: 'Captured', cell: ({ disk }) => dayOf(disk?.capturedAt) },
              { title: 'Windows until', cell: ({ windowsUntil }) => dayOf(windowsUntil) },
              {
                title: 'A month',
                cell: ({ disk, usdPerMonth }) => (disk ? `<= ${formatUsd(usdPerMonth)}` : '-'),
                align: 'right',
              },
              { title: 'Used by', cell: ({ usedBy }) => usedBy.join(', '), shrinkTo: 7 },
            ],
            images,
            style,
          ),
          ...images.flatMap(({ name, warning }) => (warning === undefined ? [] : [`${name}: ${warning}`])),
        ];
  return printResult(call, { images }, lines);
};
