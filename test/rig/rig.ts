import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { openQmp } from '../../src/clients/qmp/open-qmp.js';
import type { QemuStatus } from '../../src/clients/qmp/qmp.js';
import { realClock } from '../../src/clock/real-clock.js';
import { eventEnvelope, type EventOf, type EventType, type WaaEvent } from '../../src/events/catalogue.js';
import { Deadline } from '../../src/health/deadline.js';
import { waitFor } from '../../src/health/wait-for.js';
import { winarenaPaths } from '../../src/health/winarena.js';
import { openUnix } from '../contract/docker/engine-suite.js';
import { createCliHome, type CliHome, type CliResult, type RunningCli } from '../helpers/cli.js';
import { IMAGES } from './image.js';
import { attachMachine, type Machine } from './machine/machine.js';

/** Blanks and quotes must get through every script and bind. */
export const DATA = "/data/win dow's";
/** The same for a shell. */
export const QUOTED_DATA = `'${DATA.replaceAll("'", "'\\''")}'`;
/** The one container, by the name that WAA's scripts know. */
const CONTAINER = 'winarena';

/** One waa command against the rig, and what it told while it ran. */
export interface Told {
  readonly result: CliResult;
  readonly events: readonly WaaEvent[];
  readonly seconds: number;
  /** `layer CODE` of every fault, in order. */
  readonly faults: readonly string[];
}

/** Which installation of Windows this is, and how often its disk was booted. */
export interface Installation {
  readonly id: string;
  readonly boots: number;
}

/** The machine, a state home, and the built program. */
export interface Rig {
  readonly machine: Machine;
  readonly cli: CliHome;
  waa(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Told>;
  start(argv: readonly string[], env?: Readonly<Record<string, string>>): RunningCli;
  /** `waa up` on the machine with all that it needs. */
  up(env?: Readonly<Record<string, string>>): Promise<Told>;
  events(from?: number): readonly WaaEvent[];
  /** Runs a command in Windows through WAA's server; its output. */
  inWindows(...command: readonly string[]): Promise<string>;
  installation(): Promise<Installation>;
  dispose(): Promise<void>;
}

/** Everything that `up` is given here: where, and what a machine like this needs. */
export const placeOf = (machine: Machine): readonly string[] => [
  ...['--host', `ssh://root@${machine.address}`, '--data-directory', DATA],
];

/** The rig that `setup.ts` started, with a state home of its own. */
export function openRig(): Rig {
  const place = inject('rig');
  const machine = attachMachine(place);
  const cli = createCliHome();
  const journal = join(cli.home, 'deployments', 'default', 'journal.jsonl');
  const environment = {
    WAA_SSH_KEY_PATH: place.keyPath,
    WAA_IMAGE_REFERENCE: IMAGES.waa,
    WAA_MODEL_ENDPOINT: place.modelUrl,
    WAA_AGENT_MAX_STEPS: '3',
    OPENAI_API_KEY: 'none',
  };
  const events = (from = 0): readonly WaaEvent[] => {
    const lines = existsSync(journal)
      ? readFileSync(journal, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
    return lines.slice(from).map((line) => eventEnvelope.parse(JSON.parse(line)) as WaaEvent);
  };
  const start = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli =>
    cli.start(argv, { env: { ...environment, ...env } });
  const rig: Rig = {
    machine,
    cli,
    start,
    events,
    async waa(argv, env) {
      const before = events().length;
      const began = performance.now();
      const result = await start(argv, env).done;
      const told = events(before);
      const faults = ofType(told, 'layer.fault').map(({ data }) => `${data.layer} ${data.fault.code}`);
      return { result, events: told, faults, seconds: (performance.now() - began) / 1000 };
    },
    up: (env) => rig.waa(['--json', 'up', ...placeOf(machine), '--allow-tcg'], env),
    async inWindows(...command) {
      const body = JSON.stringify({ command }).replaceAll("'", "'\\''");
      const call = `curl -sS -m 60 -H 'content-type: application/json' -d '${body}'`;
      const address = '$(docker exec winarena cat /run/shm/qemu.ip)';
      const answer = await machine.sh(`docker exec ${CONTAINER} ${call} http://${address}:5000/execute`);
      return (JSON.parse(answer) as { output: string }).output;
    },
    async installation() {
      const [id = '', boots] = (await rig.inWindows('cmd', '/c', 'type C:\\Windows\\installation.txt'))
        .trim()
        .split(' ');
      return { id, boots: Number(boots) };
    },
    dispose: () => cli.dispose(),
  };
  return rig;
}

/** Waits up to a minute until QEMU says this of itself; after a start of its container it has no socket for a while. */
export async function qemuIs(machine: Machine, status: QemuStatus): Promise<void> {
  using deadline = Deadline.after(60_000, realClock);
  const socket = machine.path(winarenaPaths(DATA).qmpSocket);
  await waitFor(
    async (own) => {
      try {
        await using session = await openQmp(() => openUnix(socket), own);
        const seen = await session.status(own);
        return seen === status ? { ok: true, value: true } : { ok: false, saw: seen };
      } catch (error) {
        return { ok: false, saw: String(error) };
      }
    },
    { what: `QEMU in ${status}`, clock: realClock, deadline, everyMs: 500, attemptTimeoutMs: 5_000 },
  );
}

/** Events of one type, with that type's data. */
export function ofType<T extends EventType>(events: readonly WaaEvent[], type: T): readonly EventOf<T>[] {
  return events.filter((event): event is EventOf<T> & WaaEvent => event.type === type);
}

/** What each layer ended as. */
export function layersOf(result: CliResult): Readonly<Record<string, string>> {
  const { result: status } = JSON.parse(result.stdout) as {
    result: { workers: { layers: { id: string; state: string }[] }[] };
  };
  return Object.fromEntries((status.workers[0]?.layers ?? []).map(({ id, state }) => [id, state]));
}

/** All that can be ready on a host of the user's own. */
export const ALL_READY = {
  vm: 'ready',
  docker: 'ready',
  qemu: 'ready',
  windows: 'ready',
  server: 'ready',
  client: 'ready',
} as const;

/** Scores of the newest run at home, as its report has them. */
export function scoresOf(home: string): readonly (number | null)[] {
  const newest = readdirSync(join(home, 'runs')).sort().at(-1) ?? '';
  const report = readFileSync(join(home, 'runs', newest, 'results.json'), 'utf8');
  return (JSON.parse(report) as { summary: { tasks: { score: number | null }[] } }).summary.tasks.map(
    ({ score }) => score,
  );
}
