import type { Machine, WorldContainer } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import type { AttemptFiles } from './attempt-files.js';
import { startRunPy, type RunPyRequest } from './run-py.js';

/** Seconds between two looks of the supervisor, as in task.sh. */
const TICK_MS = 2000;
/** SIGTERM to the end of run.py. */
const STOP_MS = 3000;

export interface AttemptRequest extends RunPyRequest {
  readonly limitS: number;
}

/** Attempts that run on emulated machines under their supervisors. */
export interface AgentWorld {
  /**
   * Starts the supervisor of an attempt and run.py under it. False when the container is not running. All it does later
   * shows in the attempt's files, and it dies with the machine's boot.
   */
  start(machine: Machine, files: AttemptFiles, request: AttemptRequest): boolean;
}

/** Creates the part of the world that runs tasks. */
export function createAgentWorld(simulation: Simulation): AgentWorld {
  return {
    start(machine, files, request) {
      const container = runningContainer(machine, request.container);
      if (!container) return false;
      const startedAt = simulation.now;
      const bootId = machine.bootId;
      const seconds = (): string => String(Math.floor(simulation.now / 1000));
      files.write('meta.json', `${JSON.stringify({ [request.domain]: [request.taskId] })}\n`);
      files.write('started', `${seconds()}\n`);
      files.write('heartbeat', `${seconds()}\n`);
      files.write('boot-id', `${bootId}\n`);
      files.write('container-name', `${request.container}\n`);

      let code: number | undefined;
      const alive = (): boolean => machine.bootId === bootId && machine.power === 'running';
      const program = startRunPy(simulation, machine, files, request, (exitCode) => {
        code = exitCode;
      });
      const finish = (outcome: string, exitCode = '-'): void => {
        if (alive()) files.write('exit', `${outcome} ${exitCode} ${seconds()}\n`);
      };
      const end = (outcome: string): void => {
        program.stop();
        simulation.after(STOP_MS, () => {
          finish(outcome);
        });
      };
      const tick = (): void => {
        // An end that stands there already was written by the start of the next attempt.
        if (!alive() || files.read('exit') !== '') {
          program.stop();
          return;
        }
        files.write('heartbeat', `${seconds()}\n`);
        const now = runningContainer(machine, request.container);
        if (now?.id !== container.id || now.startedAt !== container.startedAt) {
          program.stop();
          finish('container-died');
        } else if (code !== undefined) {
          finish('finished', String(code));
        } else if (files.read('stop') !== '') {
          end('stopped');
        } else if (simulation.now - startedAt >= request.limitS * 1000) {
          end('timeout');
        } else {
          simulation.after(TICK_MS, tick);
        }
      };
      simulation.after(TICK_MS, tick);
      return true;
    },
  };
}

function runningContainer(machine: Machine, name: string): WorldContainer | undefined {
  if (machine.docker.daemon !== 'running') return undefined;
  return machine.docker.containers.find((container) => container.name === name && container.state === 'running');
}
