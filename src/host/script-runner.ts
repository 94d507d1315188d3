import tarStream from 'tar-stream';
import type { ExecOptions, ExecResult, RemoteStream, SshLink } from '../clients/ssh/ssh.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { HostScripts } from './scripts.js';
import type { ScriptRunner } from './task-supervisor.js';

/** Where bundles lie on a worker, one folder a version. */
export const BUNDLE_ROOT = '/var/lib/waa/host';

/** Where Docker listens unless somebody moved it. */
export const DOCKER_SOCKET = '/var/run/docker.sock';

export interface ScriptRunnerOptions {
  /** The daemon that `docker` inside the scripts talks to. */
  readonly dockerSocket?: string;
}

/** Unpacks the tar on standard input to its final place in one step; losing a race against an equal bundle is fine. */
const INSTALL = `set -eu
base=${BUNDLE_ROOT}
mkdir -p "$base"
new=$(mktemp -d "$base/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
tar -x -f - -C "$new"
chmod 0755 "$new"
mv -T "$new" "$base/$1" 2>/dev/null || [ -f "$base/$1/lib.sh" ]`;

/**
 * Runs host scripts by name. The bundle is installed once a connection, under the hash of its contents, so a new version
 * never changes a script that is running. Raises VM_SUDO_MISSING, VM_HOST_SCRIPT_FAILED (installing) and VM_SSH_*.
 */
export function createScriptRunner(
  load: () => Promise<HostScripts>,
  { dockerSocket = DOCKER_SOCKET }: ScriptRunnerOptions = {},
): ScriptRunner {
  const environment = dockerSocket === DOCKER_SOCKET ? [] : ['env', `DOCKER_HOST=unix://${dockerSocket}`];
  const installed = new WeakMap<SshLink, Promise<HostScripts>>();
  let loading: Promise<HostScripts> | undefined;

  const ensure = (link: SshLink, deadline: Deadline): Promise<HostScripts> => {
    const before = installed.get(link);
    if (before) return before;
    const now = (async () => {
      const scripts = await (loading ??= load());
      await install(link, scripts, deadline);
      return scripts;
    })();
    installed.set(link, now);
    // A failed installation is tried again by the next caller.
    now.catch(() => installed.delete(link));
    return now;
  };
  const commandLine = (
    link: SshLink,
    { hash }: HostScripts,
    script: string,
    args: readonly string[],
  ): readonly string[] => asRoot(link, [...environment, 'sh', `${BUNDLE_ROOT}/${hash}/${script}.sh`, ...args]);

  return {
    async run(link, script, args, options): Promise<ExecResult> {
      const scripts = await ensure(link, options.deadline);
      const result = await link.exec(commandLine(link, scripts, script, args), options);
      refuseWithoutSudo(link, result);
      return result;
    },
    async stream(link, script, args, options: ExecOptions): Promise<RemoteStream> {
      const scripts = await ensure(link, options.deadline);
      return link.stream(commandLine(link, scripts, script, args), options);
    },
  };
}

/** `argv` with root's rights: as it is for root, through `sudo -n` for others. */
function asRoot(link: SshLink, argv: readonly string[]): readonly string[] {
  return link.address.user === 'root' ? argv : ['sudo', '-n', ...argv];
}

async function install(link: SshLink, scripts: HostScripts, deadline: Deadline): Promise<void> {
  const there = await link.exec(['test', '-f', `${BUNDLE_ROOT}/${scripts.hash}/lib.sh`], { deadline });
  if (there.exitCode === 0) return;
  const argv = asRoot(link, ['sh', '-c', INSTALL, 'waa-install', scripts.hash]);
  const result = await link.exec(argv, { deadline, stdin: await pack(scripts) });
  refuseWithoutSudo(link, result);
  if (result.exitCode === 0) return;
  const detail = result.stderr.trim().split('\n').at(-1) ?? '';
  const { host } = link.address;
  throw fail('VM_HOST_SCRIPT_FAILED', {
    host,
    script: 'install',
    exitCode: result.exitCode,
    reason: 'install',
    detail,
  });
}

async function pack(scripts: HostScripts): Promise<Uint8Array> {
  const archive = tarStream.pack();
  for (const [name, text] of scripts.files) archive.entry({ name, mode: 0o755 }, text);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** sudo's own complaints, sudo 1.8 to 1.9: it never ran the command. */
function refuseWithoutSudo(link: SshLink, { exitCode, stderr }: ExecResult): void {
  if (exitCode === 0) return;
  const match =
    /^sudo: (a password is required|.*no tty present.*|.*must be owned by.*)$|^.*sudo: (?:command )?not found$|^.* is not in the sudoers file.*$/m.exec(
      stderr,
    );
  if (!match) return;
  const { host, user } = link.address;
  throw fail('VM_SUDO_MISSING', { host, user, reason: match[0].trim() });
}
