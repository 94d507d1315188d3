import type { Guest, Machine } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import type { AttemptFiles } from './attempt-files.js';
import { fileStamp, logLine } from './run-py-log.js';

export interface RunPyRequest {
  readonly container: string;
  readonly domain: string;
  readonly taskId: string;
  /** False for tasks whose right answer is to give up. */
  readonly feasible: boolean;
  readonly model: string;
  readonly maxSteps: number;
  readonly env: Readonly<Record<string, string>>;
  /** As they stand on its command line: `--name value` in pairs. */
  readonly args: readonly string[];
  /** Hash of the user's agent, which the launcher puts in navi's place. */
  readonly ownAgent: string | undefined;
}

/** run.py in the container: everything it does until it ends. */
export interface RunPy {
  /** SIGTERM or SIGKILL: nothing more happens. */
  stop(): void;
}

/** Share of tasks that upstream's agent solves with a large model: about a fifth overall, more of the short ones. */
const SOLVED_FEASIBLE = 0.45;
const SOLVED_INFEASIBLE = 0.3;
const ACTIONS = [
  'computer.mouse.move_id(id=12)',
  'computer.mouse.single_click()',
  "computer.keyboard.write('settings')",
  "computer.keyboard.press('enter')",
  'WAIT',
];

/**
 * Emulates `python run.py` for one task against the Guest behind the container: set-up, steps, evaluation, files and log
 * lines in upstream's layout. Calls `ended` with the exit code. What the guest does not answer is logged and gone over,
 * as upstream does, so that broken infrastructure ends as a zero beside a tell-tale log.
 */
export function startRunPy(
  simulation: Simulation,
  machine: Machine,
  files: AttemptFiles,
  request: RunPyRequest,
  ended: (exitCode: number) => void,
): RunPy {
  let cancel: () => void = () => undefined;
  const results = `results/pyautogui/a11y_tree/${request.model}/0/${request.domain}/${request.taskId}`;
  const log = (text: string, level: 'INFO' | 'ERROR' | 'WARNING' = 'INFO', module = 'lib_run_single/45'): void => {
    const line = logLine(simulation.now, level, module, text);
    files.append('run.log', line);
    files.append(`${results}/logs/task-0-${stamp}.log`, line);
  };
  const stamp = fileStamp(simulation.now);
  const later = (ms: number, action: () => void): void => {
    cancel = simulation.after(ms, action);
  };
  const guest = (): Guest | undefined =>
    machine.docker.containers.find((container) => container.name === request.container && container.state === 'running')
      ?.process?.ports.guest;

  // What the agent does depends on the task alone: another attempt, on another machine and later, goes the same way.
  const random = simulation.randomOf(files.name.replace(/\.\d+$/, ''));
  const steps = Math.min(request.maxSteps, 3 + Math.floor(random() ** 1.5 * 12) + 1);
  const stepMs = simulation.draw('task.run', random) / 15;
  const solves = random() < (request.feasible ? SOLVED_FEASIBLE : SOLVED_INFEASIBLE);
  let tainted = false;

  const setUp = (): void => {
    if (request.ownAgent !== undefined) files.append('run.log', `waa: agent ${request.ownAgent}\n`);
    log(`Args: Namespace(${namespace(request.args)})`, 'INFO', 'run/157');
    log(`[Domain]: ${request.domain}`, 'INFO', 'run/128');
    log(`[Example ID]: ${request.taskId}`, 'INFO', 'run/129');
    log(
      'Not implemented! Reverting to snapshot is not supported for remote VMs! Closing all applications instead',
      'WARNING',
      'desktop_env/207',
    );
    const windows = guest();
    if (windows?.server === 'up') windows.closeAll();
    else trouble(windows);
    later(simulation.draw('task.set-up', random), () => {
      if (key() === '')
        crash(
          'openai.OpenAIError: The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable',
        );
      else step(1);
    });
  };
  const step = (number: number): void => {
    if (simulation.faults.strikes('client-task-hangs', machine.spec.name)) return;
    if (simulation.faults.strikes('client-model-key-invalid', machine.spec.name)) {
      crash(
        "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided', 'code': 'invalid_api_key'}}",
      );
      return;
    }
    if (simulation.faults.strikes('qemu-container-killed', machine.spec.name)) {
      machine.docker.kill(request.container);
      return;
    }
    if (simulation.faults.strikes('windows-blue-screen', machine.spec.name)) guest()?.crash();
    if (simulation.faults.strikes('server-ends', machine.spec.name)) guest()?.breakServer('refused');
    if (simulation.faults.strikes('server-breaks', machine.spec.name)) guest()?.breakServer('broken');
    const windows = guest();
    if (number === 1) windows?.leaveTraces();
    if (windows?.server === 'up') observe(windows, number);
    else trouble(windows);
    const last = number === steps;
    log(
      `Step ${number}: ${last ? (request.feasible ? 'DONE' : solves ? 'FAIL' : 'DONE') : (ACTIONS[number % ACTIONS.length] ?? 'WAIT')}`,
    );
    later(
      stepMs,
      last
        ? evaluate
        : () => {
            step(number + 1);
          },
    );
  };
  const observe = (windows: Guest, number: number): void => {
    const picture = `screenshot-step_${number}_${fileStamp(simulation.now)}.png`;
    files.write(`${results}/${picture}`, windows.screenshot());
    files.append(
      `${results}/traj.jsonl`,
      `${JSON.stringify({
        step_num: number,
        action_timestamp: fileStamp(simulation.now),
        action: ACTIONS[number % ACTIONS.length],
        reward: 0,
        done: number === steps,
        info: {},
        screenshot: picture,
        window_title: 'Program Manager',
      })}\n`,
    );
  };
  const trouble = (windows: Guest | undefined): void => {
    tainted = true;
    if (windows?.server === 'broken') {
      log('Failed to get screenshot!', 'ERROR', 'desktop_env/163');
      log('Failed to get accessibility tree. Status code: 500', 'ERROR', 'python/117');
      log('Failed to get the observations for the agent from the server. Status code: 500', 'ERROR', 'python/108');
    } else {
      log(
        "An error occurred while trying to send the request: HTTPConnectionPool(host='172.30.0.2', port=5000): Max retries exceeded (Caused by NewConnectionError('[Errno 111] Connection refused'))",
        'ERROR',
        'setup/120',
      );
    }
    log('Observation is None. Waiting a little to do next step.', 'ERROR', 'desktop_env/317');
  };
  const evaluate = (): void => {
    log('The episode is done.');
    log('Running evaluator(s)...');
    const score = solves && !tainted ? 1 : 0;
    log(`Result: ${score.toFixed(2)}`);
    files.write(`${results}/result.txt`, `${score.toFixed(1)}\n`);
    files.write(
      `${results}/traj.html`,
      `<!doctype html><title>${request.domain}/${request.taskId}</title><p>${steps} steps, result ${score}</p>\n`,
    );
    log(`Finished ${request.domain}/${request.taskId}`, 'INFO', 'run/160');
    ended(0);
  };
  /** Upstream catches the exception of a task, writes it to the trajectory and ends with 0. */
  const crash = (exception: string): void => {
    log(`Exception in ${request.domain}/${request.taskId}: ${exception}`, 'ERROR', 'run/150');
    files.append(
      `${results}/traj.jsonl`,
      `${JSON.stringify({ Error: `Exception in ${request.domain}/${request.taskId}`, Exception: exception, Traceback: 'Traceback (most recent call last):' })}\n`,
    );
    ended(0);
  };
  const key = (): string =>
    request.env['OPENAI_API_KEY'] ?? request.env['AZURE_API_KEY'] ?? request.env['ANTHROPIC_API_KEY'] ?? '';

  later(0, setUp);
  return {
    stop: () => {
      cancel();
    },
  };
}

/** argparse's way to print what it took: numbers bare, text quoted. */
function namespace(args: readonly string[]): string {
  const pairs = args.flatMap((arg, index) => (index % 2 === 0 ? [[arg.slice(2), args[index + 1] ?? ''] as const] : []));
  return pairs.map(([name, value]) => `${name}=${/^\d+$/.test(value) ? value : `'${value}'`}`).join(', ');
}
