import { readFile } from 'node:fs/promises';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { CONTAINER_NAME } from '../health/winarena.js';
import { chooseName } from '../operations/choose-name.js';
import type { OpenDeployment } from '../operations/open-deployment.js';
import { askWorkers } from '../operations/reach-worker.js';
import { withDeployment } from '../operations/with-deployment.js';
import { sanitise } from '../output/paint/text.js';
import type { Session } from '../session.js';
import type { CommandHandler } from './command.js';
import { listOption, numberOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

const SOURCES = ['container', 'host', 'journal'] as const;
type Source = (typeof SOURCES)[number];
const DEFAULT_TAIL = 100;
/** Logs are small; a worker that cannot send them in a minute is broken. */
const READ_MS = 60_000;

/** `waa logs [container|host|journal]` */
export const handle: CommandHandler = async (call) => {
  const source = (call.args[0] ?? 'container') as Source;
  if (!SOURCES.includes(source))
    throw fail('USAGE', { problem: `there is no log "${source}"`, hint: `waa logs ${SOURCES.join(' | ')}` });
  const tail = numberOption(call.options, 'tail', { min: 1, max: 100_000, integer: true }) ?? DEFAULT_TAIL;
  const texts = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    const texts = await withDeployment(session, { name, exclusive: false }, (open) =>
      readLogs(session, open, listOption(call.options, 'worker'), source, tail),
    );
    return Object.fromEntries(Object.entries(texts).map(([title, text]) => [title, lastLines(text, tail)]));
  });
  const lines = Object.entries(texts).flatMap(([title, text]) => [
    ...(Object.keys(texts).length > 1 ? [`== ${title}`] : []),
    ...text.split('\n').map((line) => sanitise(line)),
  ]);
  return printResult(call, texts, lines);
};

/** The line break at the end of a log begins no line. */
function lastLines(text: string, count: number): string {
  return text.replace(/\n$/, '').split('\n').slice(-count).join('\n');
}

async function readLogs(
  session: Session,
  open: OpenDeployment,
  names: readonly string[],
  source: Source,
  tail: number,
): Promise<Readonly<Record<string, string>>> {
  if (source === 'journal')
    return { journal: await readFile(session.paths.deployment(open.record.name).journal, 'utf8') };
  const answers = await askWorkers(session, open, names, async ({ worker, link }) => {
    using deadline = Deadline.after(READ_MS, session.clock, session.signal);
    if (source === 'host') return await worker.stack.host.hostLogs(link, deadline);
    return { container: await worker.stack.engine(link).logs(CONTAINER_NAME, tail, deadline) };
  });
  const [only] = answers;
  if (only?.value && answers.length === 1) return only.value;
  const texts = answers.flatMap(({ worker, value, fault }) =>
    Object.entries(value ?? { [source]: fault?.message ?? '' }).map(([title, text]) => [`${worker} ${title}`, text]),
  );
  return Object.fromEntries(texts) as Readonly<Record<string, string>>;
}
