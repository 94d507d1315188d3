import type { Readable } from 'node:stream';
import { createAgentWorld } from '../../../world/agent/agent-world.js';
import { attemptFiles, type AttemptFiles } from '../../../world/agent/attempt-files.js';
import { freeBytes, type Machine } from '../../../world/contracts.js';
import { statusLine, supervisorAlive } from '../../../world/agent/task-status.js';
import type { RemoteCall, RemoteCommand } from '../remote-command.js';
import { pass, refuse } from './answer.js';

const USAGE = 'usage: task.sh start|status|stop DATA RUN ATTEMPT ... | runs|ready|prepare DATA';
const START_USAGE = 'usage: task.sh start DATA RUN ATTEMPT CONTAINER DOMAIN TASK LIMIT_S LAUNCH [argument ...]';

/** `host/scripts/task.sh` against the emulated machine: same arguments, output, exit codes and files. */
export const taskCommand: RemoteCommand = async (call) => {
  const [command, data, run, attempt, ...rest] = call.args;
  try {
    if (command === undefined || data === undefined) throw new Refused('usage', USAGE);
    if (!data.startsWith('/')) throw new Refused('usage', `DATA is not an absolute path: ${data}`);
    if (command === 'runs') {
      call.stdout.write(`${JSON.stringify(runs(call))}\n`);
      return 0;
    }
    if (command === 'ready' || command === 'prepare') {
      call.stdout.write(place(call.machine, data, command === 'prepare'));
      return 0;
    }
    if (run === undefined || attempt === undefined) throw new Refused('usage', USAGE);
    needName('RUN', run);
    needName('ATTEMPT', attempt);
    const files = attemptFiles(call.machine, data, run, attempt);
    call.stdout.write(await perform(call, command, rest, files));
    return 0;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refuse(call, error.reason, error.message, error.reason === 'usage' ? 64 : 1);
  }
};

class Refused extends Error {
  constructor(
    readonly reason: 'usage' | 'at-work' | 'failed' | 'no-container',
    message: string,
  ) {
    super(message);
  }
}

async function perform(
  call: RemoteCall,
  command: string,
  args: readonly string[],
  files: AttemptFiles,
): Promise<string> {
  const status = (): string => statusLine(call.machine, files, call.simulation.now);
  switch (command) {
    case 'start':
      await start(call, args, files);
      return status();
    case 'status':
      await awaitEnd(call, files, needNumber('WAIT_S', args[0] ?? '0'));
      return status();
    case 'stop':
      stop(call, files);
      return status();
    default:
      throw new Refused('usage', `unknown command: ${command}`);
  }
}

async function start(call: RemoteCall, args: readonly string[], files: AttemptFiles): Promise<void> {
  const [container, domain, taskId, limit, launch, ...runPyArgs] = args;
  if (
    container === undefined ||
    domain === undefined ||
    taskId === undefined ||
    limit === undefined ||
    launch === undefined
  ) {
    throw new Refused('usage', START_USAGE);
  }
  needName('container', container);
  needName('domain', domain);
  needName('task', taskId);
  const limitS = needNumber('limit', limit);
  const own = /^[0-9a-f]+$/.test(launch);
  if (!own && launch !== '-' && launch !== 'azure') throw new Refused('usage', `LAUNCH is no hash: ${launch}`);
  if (own && !call.machine.readFile(`${call.args[1] ?? ''}/waa/agents/${launch}/agent.py`))
    throw new Refused('failed', `there is no agent ${launch}`);
  const env = parseEnv(await readAll(call.stdin));
  if (files.exists) return;
  await endLeftBehind(call, container);
  markUsed(call.machine, call.args[1] ?? '');
  const started = createAgentWorld(call.simulation).start(call.machine, files, {
    container,
    domain,
    taskId,
    limitS,
    // Upstream names every infeasible task so; the container has no other index.
    feasible: !taskId.startsWith('INF-'),
    model: option(runPyArgs, '--model') ?? 'gpt-4-vision-preview',
    maxSteps: Number(option(runPyArgs, '--max_steps') ?? 15),
    env,
    args: runPyArgs,
    ownAgent: own ? launch : undefined,
  });
  if (!started) throw new Refused('no-container', `container ${container} is not running`);
  files.write('request', runPyArgs.map((arg) => `${arg}\n`).join(''));
}

/** task.sh's mark on the Windows storage directory: golden.sh takes no copy of what tasks have used. */
function markUsed(machine: Machine, data: string): void {
  const storage = `${data}/waa/storage`;
  if (machine.listFiles(storage).length > 0) machine.writeFile(`${storage}/.waa-used`, '');
}

/** WATCHED_S of task.sh. */
const WATCHED_MS = 60_000;

/** What lies below the results: RUN/ATTEMPT/FILE, and RUN/.watched. */
function resultsOf({ machine, args: [, data = ''] }: RemoteCall): readonly (readonly string[])[] {
  const results = `${data}/waa/results/`;
  return machine.listFiles(`${data}/waa/results`).map((path) => path.slice(results.length).split('/'));
}

/** Run and attempt of all that is kept there. */
const attemptsOf = (call: RemoteCall): readonly string[] => [
  ...new Set(resultsOf(call).flatMap((parts) => (parts.length > 2 ? [parts.slice(0, 2).join('/')] : []))),
];

const watchFile = ({ args: [, data = ''] }: RemoteCall, run: string): string => `${data}/waa/results/${run}/.watched`;

/** When somebody asked after the run last; undefined where that is too long ago to follow it. */
function watchedAt(call: RemoteCall, run: string): string | undefined {
  const at = call.machine.readFile(watchFile(call, run))?.content.toString('utf8');
  return at !== undefined && call.simulation.now - Number(at) * 1000 < WATCHED_MS ? at : undefined;
}

function runs(call: RemoteCall): readonly { run: string; attempts: number; watched: boolean }[] {
  const names = new Set(resultsOf(call).flatMap(([run = '', ...rest]) => (rest.length > 0 ? [run] : [])));
  return [...names]
    .map((run) => ({
      run,
      attempts: attemptsOf(call).filter((name) => name.startsWith(`${run}/`)).length,
      watched: watchedAt(call, run) !== undefined,
    }))
    .filter(({ attempts, watched }) => attempts > 0 || watched);
}

/** task.sh waits until the supervisors of attempts left in the container have ended them; here that takes no time. */
async function endLeftBehind(call: RemoteCall, container: string): Promise<void> {
  const { machine, simulation, args } = call;
  for (const [run = '', attempt = ''] of attemptsOf(call).map((name) => name.split('/'))) {
    const files = attemptFiles(machine, args[1] ?? '', run, attempt);
    if (files.read('exit') !== '' || files.read('container-name').trim() !== container) continue;
    const first = watchedAt(call, run);
    for (let seen = first; run !== args[2] && files.read('exit') === '' && seen; seen = watchedAt(call, run)) {
      if (seen !== first)
        throw new Refused('at-work', `${run}/${attempt} runs here and is followed by whoever began it`);
      await pass(call, 1000);
    }
    if (files.read('exit') !== '') continue;
    const outcome = supervisorAlive(machine, files) ? 'stopped' : 'lost';
    files.write('exit', `${outcome} - ${Math.floor(simulation.now / 1000)}\n`);
  }
}

async function awaitEnd(call: RemoteCall, files: AttemptFiles, waitS: number): Promise<void> {
  if (waitS > 0 && files.exists)
    call.machine.writeFile(watchFile(call, call.args[2] ?? ''), `${Math.floor(call.simulation.now / 1000)}\n`);
  for (let waited = 0; waited < waitS && files.exists && supervisorAlive(call.machine, files); waited += 1)
    await pass(call, 1000);
}

function stop(call: RemoteCall, files: AttemptFiles): void {
  if (!files.exists || files.read('exit') !== '') return;
  if (supervisorAlive(call.machine, files)) files.write('stop', '\n');
  else files.write('exit', `lost - ${Math.floor(call.simulation.now / 1000)}\n`);
}

/** Directories have no place in the world's files: a marker stands for the one that `prepare` makes. */
function place(machine: Machine, data: string, make: boolean): string {
  const marker = `${data}/waa/results/.keep`;
  const disk = machine.mounts.get(data);
  if (make && !disk) throw new Refused('failed', `there is no directory ${data}`);
  if (make) machine.writeFile(marker, '');
  return `${JSON.stringify({
    missing: machine.listFiles(`${data}/waa/results`).length === 0,
    writable: disk !== undefined,
    freeBytes: disk ? freeBytes(disk) : 0,
    detail: disk ? '' : 'the directory cannot be written',
  })}\n`;
}

function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function needName(what: string, name: string): void {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) || name.includes('..')) {
    throw new Refused('usage', `${what} is not a plain name: ${name}`);
  }
}

function needNumber(what: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Refused('usage', `${what} is not a number: ${text}`);
  return Number(text);
}

function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
}

async function readAll(stdin: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin as AsyncIterable<Buffer | string>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
