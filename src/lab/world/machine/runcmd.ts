import { posix } from 'node:path';
import type { Machine } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { prepareDataDisk } from './data-disk.js';
import { installDocker, whenDaemonSettled } from './docker-setup.js';
import type { Timers } from './timers.js';

export interface RuncmdContext {
  readonly machine: Machine;
  readonly simulation: Simulation;
  readonly timers: Timers;
  /** The package archive cannot be reached in this boot. */
  readonly aptBroken: boolean;
  readonly log: (line: string) => void;
}

/** Commands without an effect in the emulated Linux. */
const HARMLESS: ReadonlySet<string> = new Set([
  'true',
  'echo',
  'mkdir',
  'chmod',
  'chown',
  'systemctl',
  'usermod',
  'sleep',
]);

type Entry = string | readonly string[];
/** Called with whether a command, or all of them, went well. */
type Done = (ok: boolean) => void;

/**
 * Runs cloud-init's runcmd entries in order: what our user data asks for is done, anything else is `not found`. As in
 * the shell script cloud-init makes of them, the last exit code counts, and `set -e` ends at the first failure.
 */
export function runRuncmd(entries: readonly Entry[], context: RuncmdContext, done: Done): void {
  let stopAtFailure = false;
  const goOn = (index: number, ok: boolean): void => {
    const entry = entries[index];
    if (entry === undefined || (!ok && stopAtFailure)) {
      done(ok);
    } else if (entry === 'set -e') {
      stopAtFailure = true;
      goOn(index + 1, true);
    } else {
      runOne(typeof entry === 'string' ? entry.split(/\s+/) : entry, context, (went) => {
        goOn(index + 1, went);
      });
    }
  };
  goOn(0, true);
}

function runOne(argv: readonly string[], context: RuncmdContext, done: Done): void {
  if (argv[0] === 'sh' || argv[0] === '/bin/sh') runScript(argv.slice(1), context, done);
  else done(runProgram(argv, context));
}

function runProgram(argv: readonly string[], { machine, log }: RuncmdContext): boolean {
  const [program = '', ...rest] = argv;
  if (program === 'systemd-run') {
    const pull = rest.indexOf('pull');
    const image = rest[pull + 1];
    if (pull < 1 || rest[pull - 1] !== 'docker' || image === undefined) return false;
    if (!machine.docker.installed) {
      log('Failed to find executable docker: No such file or directory');
      return false;
    }
    machine.docker.pull(image, (error) => {
      if (error !== undefined) log(error);
    });
    return true;
  }
  if (HARMLESS.has(program)) return true;
  log(`/var/lib/cloud/instance/scripts/runcmd: 2: ${program}: not found`);
  return false;
}

function runScript([path = '', ...args]: readonly string[], context: RuncmdContext, done: Done): void {
  const { machine, log } = context;
  if (!machine.readFile(path)) {
    log(`sh: 0: cannot open ${path}: No such file`);
    done(false);
    return;
  }
  switch (posix.basename(path)) {
    case 'disk-prepare.sh':
      done(prepareDisk(args, context));
      return;
    case 'docker-install.sh':
      startDocker(args, context, done);
      return;
    default:
      done(true);
  }
}

function prepareDisk([lun = '', directory = '']: readonly string[], context: RuncmdContext): boolean {
  const result = prepareDataDisk(context.machine, context.simulation, Number(lun), directory);
  if (!result.ok) context.log(`waa-error: ${result.reason}: ${result.detail}`);
  return result.ok;
}

/** Lasts until the daemon is up, as the script does. */
function startDocker([dataRoot = '/var/lib/docker']: readonly string[], context: RuncmdContext, done: Done): void {
  const { machine, timers, aptBroken, log } = context;
  if (aptBroken && !machine.docker.installed) {
    log('waa-error: apt-failed: E: Unable to locate package docker.io');
    done(false);
    return;
  }
  installDocker(machine, dataRoot);
  whenDaemonSettled(machine, timers, () => {
    const isUp = machine.docker.daemon === 'running';
    if (!isUp) log('waa-error: daemon-down: the Docker daemon does not answer 60 s after its start');
    done(isUp);
  });
}
