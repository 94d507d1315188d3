import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const START_MS = 120_000;

/** What a program inside the machine did. */
export interface MachineResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a running machine is found by another process. */
export interface MachinePlace {
  /** IPv4 address of its only interface; sshd listens at port 22. */
  readonly address: string;
  /** Path of the private key that root accepts. */
  readonly keyPath: string;
  readonly folder: string;
  /** Its first process, as this machine counts; `/proc/PID/root` is its root. */
  readonly pid: number;
}

/**
 * A Linux host of its own inside namespaces of this one: root file system (a throw-away layer over the real one),
 * processes, network with one address, OpenSSH, dockerd, a data disk of 64 GB at /data. Nothing of the real machine
 * changes; with its first process ends everything in it, and that ends with the process that made it.
 */
export interface Machine extends MachinePlace {
  /** Root's `argv` inside; never throws for an exit code. */
  exec(argv: readonly string[]): Promise<MachineResult>;
  /** A path inside as this process reaches it. */
  path(inside: string): string;
  /** A shell script; raises when the exit code is not 0, gives standard output without its end. `stdin` is a file of ours. */
  sh(script: string, stdin?: string): Promise<string>;
}

/** A machine that this process started. */
export interface OwnMachine extends Machine {
  stop(): Promise<void>;
}

/** Boots it. Needs root, `unshare`, `tini`, OpenSSH's server and dockerd; raises with what the machine said when it cannot. */
export async function startMachine(): Promise<OwnMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'waa-rig-'));
  const keyPath = join(folder, 'id_ed25519');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyPath]);
  await mkdir(join(folder, 'disk'));
  const net = await freeNetwork();
  const cgroup = folder.split('/').at(-1) ?? 'waa-rig';
  const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child=SIGKILL'];
  const boot = ['sh', join(HERE, 'boot.sh'), join(folder, 'disk'), `${net.inside}/30`, `${keyPath}.pub`, cgroup];
  const outer = spawn('unshare', [...namespaces, ...boot], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => outer.once('exit', () => resolve()));
  let first: number | undefined;
  // It ends by itself when this process does, whatever ended it; only its folder would stay.
  const atExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', atExit);
  const stop = async (): Promise<void> => {
    if (first !== undefined) killQuietly(first);
    outer.kill('SIGKILL');
    await ended;
    await rmFolder(folder, cgroup);
    process.removeListener('exit', atExit);
  };
  try {
    first = await childOf(outer);
    await run('ip', ['link', 'add', net.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(first)]);
    await run('ip', ['addr', 'add', `${net.outside}/30`, 'dev', net.link]);
    await run('ip', ['link', 'set', net.link, 'up']);
    await readiness(outer, ended);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...attachMachine({ address: net.inside, keyPath, folder, pid: first }), stop };
}

/** A machine that runs, from where its place is known. */
export function attachMachine(place: MachinePlace): Machine {
  return {
    ...place,
    path: (inside) => `/proc/${place.pid}/root${inside}`,
    exec: (argv) => enter(place.pid, argv, 'ignore'),
    async sh(script, stdin) {
      const input = stdin === undefined ? undefined : await open(stdin);
      const { exitCode, stdout, stderr } = await enter(place.pid, ['sh', '-ec', script], input?.fd ?? 'ignore');
      await input?.close();
      if (exitCode !== 0) throw new Error(`${script}: exit code ${exitCode}: ${stderr || stdout}`);
      return stdout.trimEnd();
    },
  };
}

/** A /30 of 10.213.0.0/16 that no interface here uses yet. */
async function freeNetwork(): Promise<{ readonly link: string; readonly inside: string; readonly outside: string }> {
  const { stdout } = await run('ip', ['-o', '-4', 'addr', 'show']);
  for (let n = 0; n < 250; n += 1) {
    const base = `10.213.${(process.pid + n) % 250}`;
    if (!stdout.includes(` ${base}.`))
      return { link: `waarig${n}x${process.pid}`.slice(0, 15), inside: `${base}.2`, outside: `${base}.1` };
  }
  throw new Error('no free network below 10.213.0.0/16');
}

async function childOf(outer: ChildProcess): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (outer.exitCode !== null) break;
    const text = await readFile(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').catch(() => '');
    const child = Number(text.trim().split(' ')[0]);
    if (child > 0) return child;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the machine did not start: unshare needs root');
}

/** Resolves when the machine says `ready`; raises with its last words when it ends or takes too long. */
function readiness(outer: ChildProcess, ended: Promise<void>): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the machine is not ready after ${START_MS} ms: ${said}`)),
      START_MS,
    );
    outer.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    outer.stdout?.on('data', (chunk: Buffer) => {
      if (!chunk.toString().includes('ready')) return;
      clearTimeout(timer);
      resolve();
    });
    void ended.then(() => {
      clearTimeout(timer);
      reject(new Error(`the machine ended: ${said}`));
    });
  });
}

function enter(pid: number, argv: readonly string[], stdin: number | 'ignore'): Promise<MachineResult> {
  return new Promise((resolve, reject) => {
    const command = ['--target', String(pid), '--all', '--', ...argv];
    const child = spawn('nsenter', command, { stdio: [stdin, 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ exitCode: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}

/** The loop disks are let go a moment after the last process; Docker's cgroups are outside and stay until removed. */
async function rmFolder(folder: string, cgroup: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  await run('sh', [
    '-c',
    `find /sys/fs/cgroup -depth -type d -path "*/${cgroup}*" -exec rmdir {} + 2>/dev/null || true`,
  ]);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
