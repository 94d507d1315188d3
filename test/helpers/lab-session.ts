import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import type { CommandCall, CommandSpec, Surroundings } from '../../src/commands/command.js';
import type { WaaEvent } from '../../src/events/catalogue.js';
import { Deadline } from '../../src/health/deadline.js';
import type { LabEndpoints } from '../../src/lab/lab-endpoints.js';
import { startLab, type Lab, type LabOptions } from '../../src/lab/lab.js';
import { bringUp } from '../../src/operations/bring-up.js';
import { prepareRecord } from '../../src/operations/prepare-record.js';
import { withDeployment } from '../../src/operations/with-deployment.js';
import type { OpenDeployment } from '../../src/operations/open-deployment.js';
import { openSession } from '../../src/runtime/open-session.js';
import type { Session } from '../../src/session.js';

/** Of lab time. Real time that a busy machine takes is lab time too: this is never what ends a test. */
const UP_MS = 18 * 3_600_000;

/** Fast enough that a first start takes some five real seconds. */
const SCALE = 600;

export interface LabRig {
  readonly lab: Lab;
  readonly home: string;
  /** Opens an invocation on this lab, with every event recorded; on what is given instead of the lab's own endpoints. */
  open(endpoints?: Partial<LabEndpoints>): Promise<{ readonly session: Session; readonly events: readonly WaaEvent[] }>;
  /** `up` of the deployment "test", then `work` on it. */
  up<T>(
    work?: (session: Session, open: OpenDeployment, events: readonly WaaEvent[]) => Promise<T>,
  ): Promise<UpResult<T>>;
  close(): Promise<void>;
}

export interface UpResult<T> {
  readonly events: readonly WaaEvent[];
  /** What it ended with, when it failed. */
  readonly error: unknown;
  readonly value: T | undefined;
  /** Lab minutes it took. */
  readonly minutes: number;
}

/** A lab in this process with a state home of its own. */
export async function startLabRig(
  options: Partial<LabOptions> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<LabRig> {
  const home = mkdtempSync(join(tmpdir(), 'waa-lab-'));
  const lab = await startLab({ pid: process.pid, scale: SCALE, slackRealMs: 6000, ...options });
  const stop = new AbortController();
  const rig: LabRig = {
    lab,
    home,
    async open(given) {
      const endpoints = { ...lab.endpoints, ...given };
      const session = await openSession(callOf(home, env, stop.signal), { lab: { endpoints, home } });
      const events: WaaEvent[] = [];
      session.observe({
        name: 'recorder',
        consume: (event) => {
          events.push(event);
        },
      });
      return { session, events };
    },
    async up(work) {
      const { session, events } = await rig.open();
      const startedAt = session.clock.now();
      using deadline = Deadline.after(UP_MS, session.clock, session.signal);
      let error: unknown;
      let value;
      try {
        await prepareRecord(session, 'test');
        value = await withDeployment(session, { name: 'test', exclusive: true }, async (open) => {
          await bringUp(session, open, deadline);
          return work?.(session, open, events);
        });
      } catch (thrown) {
        error = thrown;
      } finally {
        await session.close();
      }
      return { events, error, value, minutes: (session.clock.now() - startedAt) / 60_000 };
    },
    async close() {
      stop.abort(new Error('the test is over'));
      lab.stop();
      await lab.stopped;
      rmSync(home, { recursive: true, force: true });
    },
  };
  return rig;
}

const spec: CommandSpec = {
  name: 'up',
  summary: '',
  group: 'Evaluate',
  gate: 'none',
  load: () => Promise.reject(new Error('not loaded in tests')),
};

/** A call of a command nobody typed, for `openSession`. */
export function callOf(home: string, env: Readonly<Record<string, string>>, signal: AbortSignal): CommandCall {
  const sink = (): Writable =>
    new Writable({
      write: (_chunk, _encoding, done) => {
        done();
      },
    });
  const surroundings: Surroundings = {
    env,
    cwd: home,
    homeDirectory: home,
    userName: 'tester',
    stdin: new PassThrough(),
    stdout: sink(),
    stderr: sink(),
    pid: process.pid,
    isAlive: (pid) => pid === process.pid,
    random: () => 0.5,
    nodeVersion: process.versions.node,
    platform: process.platform,
    hostName: 'test',
    self: [process.execPath, ''],
    signal,
  };
  return {
    spec,
    globals: { json: true, lab: true, debug: false, color: false, home },
    options: {},
    args: [],
    surroundings,
  };
}
