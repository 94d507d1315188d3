import { execa } from 'execa';
import { quoteArgv } from '../failures/quote-argv.js';
import { fail } from '../failures/waa-error.js';
import { chooseName } from '../operations/choose-name.js';
import { reachWorker, workersOf } from '../operations/reach-worker.js';
import { whileUsed } from '../operations/while-used.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { VmOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import type { CommandCall, CommandHandler } from './command.js';
import { flagOption, listOption, textOption } from './input.js';
import { labProxyCommand } from './lab-home.js';
import { noteLease } from './lease-note.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa ssh`: the system's ssh with the deployment's key and pinned host key; in a lab through the lab's network. */
export const handle: CommandHandler = async (call) => {
  const isPrinted = flagOption(call.options, 'print') || call.globals.json;
  return withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    return withDeployment(session, { name, exclusive: false }, async (open) => {
      const [worker, ...more] = workersOf(open, listOption(call.options, 'worker'));
      if (!worker || (more.length > 0 && call.options['worker'] !== undefined))
        throw fail('USAGE', { problem: 'ssh is for one worker', hint: 'waa ssh --worker w0' });
      const { vm } = await reachWorker(session, open, worker);
      const argv = argvOf(call, session, name, vm);
      if (isPrinted) return printResult(call, { argv }, [quoteArgv(argv)]);
      const [program = 'ssh', ...args] = argv;
      return whileUsed(session, open, [worker], async (leaseEnd) => {
        await noteLease(session, worker.name, leaseEnd);
        const result = await execa(program, args, { stdio: 'inherit', reject: false });
        return result.exitCode ?? 255;
      });
    });
  });
};

function argvOf(call: CommandCall, session: Session, deployment: string, { address }: VmOutput): readonly string[] {
  const { host, port, user, local } = address;
  if (local === true) return [call.surroundings.env['SHELL'] ?? '/bin/sh'];
  const proxy = session.kind === 'lab' ? ['-o', `ProxyCommand=${labProxyCommand(call)}`] : [];
  const known = session.paths.deployment(deployment).knownHosts;
  const options = [`UserKnownHostsFile="${known}"`, 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes'];
  return [
    'ssh',
    '-i',
    session.sshKeyPath,
    ...options.flatMap((option) => ['-o', option]),
    ...proxy,
    '-p',
    String(port),
    `${user}@${host}`,
  ];
}
