import type { ContainerExecResult } from '../clients/docker-engine/docker-engine.js';
import { EXIT } from '../failures/exit-codes.js';
import { Deadline } from '../health/deadline.js';
import { CONTAINER_NAME } from '../health/winarena.js';
import { chooseName } from '../operations/choose-name.js';
import { askWorkers, workersOf, type WorkerAnswer } from '../operations/reach-worker.js';
import { whileUsed } from '../operations/while-used.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { CommandCall, CommandHandler } from './command.js';
import { listOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** Commands given by hand are short; longer work belongs to `waa ssh`. */
const EXEC_MS = 10 * 60_000;

/** `waa exec -- argv...`: runs a program in the container of each worker; its exit code, the worst of several, is ours. */
export const handle: CommandHandler = async (call) => {
  const answers = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    const names = listOption(call.options, 'worker');
    return withDeployment(session, { name, exclusive: false }, (open) =>
      whileUsed(session, open, workersOf(open, names), () =>
        askWorkers(session, open, names, async ({ worker, link }) => {
          using deadline = Deadline.after(EXEC_MS, session.clock, session.signal);
          return await worker.stack.engine(link).exec(CONTAINER_NAME, call.args, deadline);
        }),
      ),
    );
  });
  const [only] = answers;
  if (only?.value && answers.length === 1) return printOne(call, only.value);
  const workers = answers.map(({ worker, value, fault }) => ({
    worker,
    ...(fault ? { fault: fault.report() } : value),
  }));
  return printResult(call, { workers }, answers.flatMap(linesOf), Math.max(0, ...answers.map(exitCodeOf)));
};

function printOne(call: CommandCall, result: ContainerExecResult): number {
  if (result.stderr !== '') call.surroundings.stderr.write(result.stderr);
  const lines = result.stdout === '' ? [] : [withoutEnd(result.stdout)];
  return printResult(call, result, lines, result.exitCode);
}

const withoutEnd = (text: string): string => text.replace(/\n$/, '');
const exitCodeOf = ({ value }: WorkerAnswer<ContainerExecResult>): number => value?.exitCode ?? EXIT.failure;

/** Every line under the name of its worker, as clush does: a line tells where it is from. */
function linesOf({ worker, value, fault }: WorkerAnswer<ContainerExecResult>): readonly string[] {
  const texts = fault ? [fault.message] : [value?.stdout ?? '', value?.stderr ?? ''];
  return texts.flatMap((text) => (text === '' ? [] : withoutEnd(text).split('\n'))).map((line) => `${worker}: ${line}`);
}
