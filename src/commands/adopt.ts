import { adopt } from '../operations/adopt.js';
import { lookDeadline } from '../operations/look-deadline.js';
import type { CommandHandler } from './command.js';
import { nextLines } from './hints.js';
import { placeOf } from './place.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa adopt [NAME]`: makes a deployment known here again from its tags in Azure. */
export const handle: CommandHandler = async (call) => {
  const { record, wasKnown } = await withSession(call, {}, async (session) => {
    using deadline = lookDeadline(session);
    return await adopt(session, call.args[0], deadline);
  });
  const { name, intent, workers } = record;
  const next = intent === 'paused' ? 'waa pool-resume' : 'waa up --resume';
  return printResult(call, { deployment: record, wasKnown }, [
    wasKnown
      ? `${name} is known here already; nothing was changed.`
      : `${name}: ${workers.length} worker${workers.length === 1 ? '' : 's'} (${placeOf(record)}) known here again; it is ${intent}.`,
    ...nextLines(
      call,
      [
        [next, 'go on'],
        ['waa down', 'delete everything'],
      ],
      name,
    ),
  ]);
};
