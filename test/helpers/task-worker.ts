import { PassThrough, Readable } from 'node:stream';
import { PNG } from 'pngjs';
import type { ExecResult, RemoteStream, SshLink } from '../../src/clients/ssh/ssh.js';
import type { Clock } from '../../src/clock/clock.js';
import { fail } from '../../src/failures/waa-error.js';
import type { ScriptRunner } from '../../src/host/task-supervisor.js';
import { createFaultBox, type FaultBox } from '../../src/lab/faults/fault-box.js';
import type { Disk, Guest, Machine, WorldContainer, WorldFile } from '../../src/lab/world/contracts.js';
import { realisticDurations } from '../../src/lab/world/durations.js';
import { createSimulation, type Simulation } from '../../src/lab/world/simulation.js';
import { agentCommand } from '../../src/lab/wire/ssh/commands/agent.js';
import { collectCommand } from '../../src/lab/wire/ssh/commands/collect.js';
import { taskCommand } from '../../src/lab/wire/ssh/commands/task.js';
import type { RemoteCommand } from '../../src/lab/wire/ssh/remote-command.js';

/** Everything a script prints fits, so that it can be read when the script is over. */
const ROOM = 64 * 1024 * 1024;

/** A Windows that does whatever a test tells it. */
export interface FakeGuest extends Guest {
  server: Guest['server'];
  executed: (readonly string[])[];
  answer: (command: readonly string[]) => { output: string; error: string; returnCode: number };
  shutDowns: number;
  tree: string;
  picture: Buffer;
}

export function plainPng(level: number): Buffer {
  const png = new PNG({ width: 8, height: 8 });
  png.data.fill(level);
  return PNG.sync.write(png);
}

export function fakeGuest(): FakeGuest {
  const guest: FakeGuest = {
    server: 'up',
    screen: { width: 1440, height: 900 },
    apps: [],
    executed: [],
    answer: () => ({ output: '1\r\n', error: '', returnCode: 0 }),
    shutDowns: 0,
    tree: '<desktop><pane name="Taskbar"/></desktop>',
    picture: plainPng(120),
    screenshot: () => guest.picture,
    execute(command) {
      guest.executed.push(command);
      return guest.answer(command);
    },
    accessibilityTree: () => guest.tree,
    closeAll: () => undefined,
    leaveTraces: () => undefined,
    shutdown() {
      guest.shutDowns += 1;
    },
    breakServer(into) {
      guest.server = into;
    },
    crash() {
      guest.server = 'refused';
    },
  };
  return guest;
}

export interface TaskWorker {
  readonly simulation: Simulation;
  readonly faults: FaultBox;
  readonly machine: Machine;
  readonly guest: FakeGuest;
  readonly runner: ScriptRunner;
  /** Links handed out; `drop` breaks them all. */
  link(): SshLink;
  dropLinks(): void;
  killContainer(): void;
  /** The container `winarena` runs again, as another start of it. */
  restartContainer(): void;
  /** Whether a walk would find nothing to do; `mend` does what it would. */
  readonly fit: boolean;
  mend(): void;
  /** Linux starts anew: every process is gone. */
  reboot(): void;
  /** While true every new link is refused. */
  unreachable: boolean;
  /** While true the supervisors give no sign of life. */
  heartStopped: boolean;
  /** Text that `collect stream` is cut to, in bytes. */
  cutStreamAt: number | undefined;
}

/** An emulated machine with one container and our task scripts, driven by `clock`. */
export function taskWorker(clock: Clock, seed = 11): TaskWorker {
  const faults = createFaultBox(
    () => simulation.now,
    () => simulation.random(),
  );
  const simulation = createSimulation({ startMs: clock.now(), seed, durations: realisticDurations, faults });
  const guest = fakeGuest();
  const links = new Set<{ closed: boolean }>();
  const disk: Disk = {
    id: 'data',
    sizeGb: 128,
    label: 'waa-data',
    formatted: true,
    files: new Map(),
    usedBytes: new Map(),
    data: new Map(),
  };
  let bootId = 'boot-1';
  let startedAt = 1;
  let running = true;
  const container = (): WorldContainer => ({
    id: 'c1',
    name: 'winarena',
    image: 'waa',
    state: running ? 'running' : 'exited',
    exitCode: running ? 0 : 137,
    startedAt,
    process: {
      start: () => undefined,
      signal: () => undefined,
      kill: () => undefined,
      exec: () => undefined,
      ports: { statusPage: undefined, guest: running ? guest : undefined },
      qemu: undefined,
    },
  });
  const files = new Map<string, WorldFile>();
  const machine = {
    spec: { name: 'vm0' },
    get power() {
      return 'running' as const;
    },
    get bootId() {
      return bootId;
    },
    mounts: new Map([['/data', disk]]),
    docker: {
      daemon: 'running',
      get containers() {
        return [container()];
      },
      kill() {
        running = false;
      },
    },
    readFile: (path: string) => files.get(path),
    writeFile(path: string, content: string | Buffer, modeBits = 0o644) {
      if (worker.heartStopped && path.endsWith('/heartbeat')) return;
      files.set(path, { content: Buffer.from(content), modeBits, modifiedMs: 0 });
    },
    removeTree(path: string) {
      for (const name of files.keys()) if (name === path || name.startsWith(`${path}/`)) files.delete(name);
    },
    listFiles: (directory: string) => [...files.keys()].filter((name) => name.startsWith(`${directory}/`)),
  } as unknown as Machine;

  const commands: Readonly<Record<string, RemoteCommand>> = {
    agent: agentCommand,
    task: taskCommand,
    collect: collectCommand,
  };
  const perform = async (
    link: SshLink,
    script: string,
    args: readonly string[],
    stdin: string | Uint8Array,
    [stdout, stderr]: readonly [PassThrough, PassThrough],
  ): Promise<number> => {
    if (link.closed) throw fail('VM_SSH_DROPPED', { host: 'vm0', during: script });
    simulation.advanceTo(clock.now());
    const command = commands[script];
    if (!command) throw new Error(`no script ${script}`);
    // What waits on the machine sees its time pass.
    const follow = (): void => {
      simulation.advanceTo(clock.now());
      cancel = clock.schedule(1000, follow);
    };
    let cancel = clock.schedule(1000, follow);
    const ended = command({
      machine,
      simulation,
      args,
      stdin: Readable.from(stdin.length === 0 ? [] : [stdin]),
      stdout,
      stderr,
      signal: new AbortController().signal,
    });
    return ended.finally(() => {
      cancel();
    });
  };
  const worker: TaskWorker = {
    simulation,
    faults,
    machine,
    guest,
    unreachable: false,
    cutStreamAt: undefined,
    heartStopped: false,
    link() {
      if (worker.unreachable) throw fail('VM_SSH_DROPPED', { host: 'vm0', during: 'connect' });
      const state = { closed: false };
      links.add(state);
      return {
        address: { host: 'vm0' },
        get closed() {
          return state.closed;
        },
      } as unknown as SshLink;
    },
    dropLinks() {
      for (const link of links) link.closed = true;
    },
    killContainer() {
      running = false;
    },
    restartContainer() {
      startedAt += 1;
      running = true;
    },
    get fit() {
      return running && guest.server === 'up' && !worker.unreachable && !worker.heartStopped;
    },
    mend() {
      worker.unreachable = false;
      worker.heartStopped = false;
      if (running && guest.server === 'up') return;
      guest.server = 'up';
      worker.restartContainer();
    },
    reboot() {
      bootId = `${bootId}+`;
    },
    runner: {
      async run(link, script, args, options): Promise<ExecResult> {
        const [stdout, stderr] = [new PassThrough({ highWaterMark: ROOM }), new PassThrough()];
        const exitCode = await perform(link, script, args, options.stdin ?? '', [stdout, stderr]);
        return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
      },
      async stream(link, script, args): Promise<RemoteStream> {
        const [stdout, stderr] = [new PassThrough({ highWaterMark: ROOM }), new PassThrough()];
        const exitCode = await perform(link, script, args, '', [stdout, stderr]);
        const whole = (stdout.read() ?? Buffer.alloc(0)) as Buffer;
        const sent = worker.cutStreamAt === undefined ? whole : whole.subarray(0, worker.cutStreamAt);
        return {
          stdout: Readable.from([sent]),
          exit: Promise.resolve(exitCode),
          stderrTail: () => String(stderr.read() ?? ''),
          abort: () => undefined,
        };
      },
    },
  };
  return worker;
}
