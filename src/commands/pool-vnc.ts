import { once } from 'node:events';
import { forwardLocally, type LocalForward } from '../operations/local-forward.js';
import { EXIT } from '../failures/exit-codes.js';
import { asWaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { PORTS } from '../health/winarena.js';
import { chooseName } from '../operations/choose-name.js';
import { askWorkers, workersOf, type ReachedWorker } from '../operations/reach-worker.js';
import { whileUsed } from '../operations/while-used.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import type { CommandHandler } from './command.js';
import { listOption, textOption } from './input.js';
import { noteLease } from './lease-note.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** An SSH connection to a worker that is up. */
const OPEN_MS = 30_000;

/**
 * `waa pool-vnc`: dockur's web viewer of each worker on a port of this machine, through SSH: the port is open to nobody
 * else. Lasts until Ctrl-C.
 */
export const handle: CommandHandler = (call) =>
  withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    return withDeployment(session, { name, exclusive: false }, async (open) => {
      const forwards: LocalForward[] = [];
      try {
        const answers = await askWorkers(session, open, listOption(call.options, 'worker'), async (reached) => {
          const forward = await forwardWeb(session, reached);
          forwards.push(forward);
          return { worker: reached.worker.name, url: `http://127.0.0.1:${forward.port}/` };
        });
        const desktops = answers.flatMap(({ value }) => (value ? [value] : []));
        const failed = answers.flatMap(({ worker, fault }) => (fault ? [{ worker, fault }] : []));
        // Nothing would be open until Ctrl-C.
        if (desktops.length === 0 && failed[0]) throw failed[0].fault;
        printResult(call, { workers: desktops }, [
          ...desktops.map(({ worker, url }) => `${worker}  ${url}`),
          ...failed.map(({ worker, fault }) => `${worker}  ${fault.message}`),
          'Open until Ctrl-C.',
        ]);
        const seen = workersOf(
          open,
          desktops.map(({ worker }) => worker),
        );
        return await whileUsed(session, open, seen, async (leaseEnd) => {
          await noteLease(session, seen.length === 1 ? 'it' : 'them', leaseEnd);
          if (!session.signal.aborted) await once(session.signal, 'abort');
          return EXIT.ok;
        });
      } finally {
        await Promise.all(forwards.map((forward) => forward.close()));
      }
    });
  });

/** Over the worker's one connection, which is opened again when it broke. */
function forwardWeb(session: Session, { worker, vm }: ReachedWorker): Promise<LocalForward> {
  return forwardLocally(
    async () => {
      using deadline = Deadline.after(OPEN_MS, session.clock, session.signal);
      const link = await worker.stack.link(vm.address, deadline);
      return await link.forwardTcp('127.0.0.1', PORTS.web, deadline);
    },
    (error) => {
      const text = `the desktop of ${worker.name} cannot be reached: ${asWaaError(error).message}`;
      session.emit('log', { component: 'vnc' }, text, { level: 'warn', worker: worker.name });
    },
  );
}
