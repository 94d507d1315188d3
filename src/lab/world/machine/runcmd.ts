import { posix } from 'node:path';
import type { Machine } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { prepareDataDisk } from './data-disk.js';
import { installDocker } from './docker-setup.js';

export interface RuncmdContext {
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

/**
 * Runs cloud-init's runcmd entries in order: what our user data asks for is done, anything else is `not found`. As in
 * the shell script cloud-init makes of them, the last exit code counts, and `set -e` ends at the first failure.
 */
export function runRuncmd(
  machine: Machine,
  simulation: Simulation,
  entries: readonly (string | readonly string[])[],
  context: RuncmdContext,
): boolean {
  let stopAtFailure = false;
  let ok = true;
  for (const entry of entries) {
    if (entry === 'set -e') {
      stopAtFailure = true;
      continue;
    }
    const argv = typeof entry === 'string' ? entry.split(/\s+/) : entry;
    ok = runOne(machine, simulation, argv, context);
    if (!ok && stopAtFailure) return false;
  }
  return ok;
}

function runOne(machine: Machine, simulation: Simulation, argv: readonly string[], context: RuncmdContext): boolean {
  const [program = '', ...rest] = argv;
  if (program === 'sh' || program === '/bin/sh') return runScript(machine, simulation, rest, context);
  if (program === 'systemd-run') {
    const pull = rest.indexOf('pull');
    const image = rest[pull + 1];
    if (pull < 1 || rest[pull - 1] !== 'docker' || image === undefined) return false;
    if (!machine.docker.installed) {
      context.log('Failed to find executable docker: No such file or directory');
      return false;
    }
    machine.docker.pull(image, (error) => {
      if (error !== undefined) context.log(error);
    });
    return true;
  }
  if (HARMLESS.has(program)) return true;
  context.log(`/var/lib/cloud/instance/scripts/runcmd: 2: ${program}: not found`);
  return false;
}

function runScript(machine: Machine, simulation: Simulation, argv: readonly string[], context: RuncmdContext): boolean {
  const [path = '', ...args] = argv;
  if (!machine.readFile(path)) {
    context.log(`sh: 0: cannot open ${path}: No such file`);
    return false;
  }
  switch (posix.basename(path)) {
    case 'disk-prepare.sh': {
      const [lun = '', directory = ''] = args;
      const result = prepareDataDisk(machine, simulation, Number(lun), directory);
      if (!result.ok) context.log(`waa-error: ${result.reason}: ${result.detail}`);
      return result.ok;
    }
    case 'docker-install.sh': {
      if (context.aptBroken && !machine.docker.installed) {
        context.log('waa-error: apt-failed: E: Unable to locate package docker.io');
        return false;
      }
      installDocker(machine, args[0] ?? '/var/lib/docker');
      return true;
    }
    default:
      return true;
  }
}
