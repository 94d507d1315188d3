import * as z from 'zod';
import type { SshLink } from '../clients/ssh/ssh.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { factsSchema, toHostFacts } from './facts.js';
import type { HostTools } from './host-tools.js';
import { parseAnswer, scriptFailure, type Complaint } from './script-answer.js';
import type { ScriptRunner } from './task-supervisor.js';

export interface HostToolsOptions {
  readonly runner: ScriptRunner;
  /** Where the data disk is, or shall be, mounted. */
  readonly dataDirectory: string;
  /** LUN of the data disk; `none` on a host without a disk of ours. */
  readonly dataLun?: number | 'none';
}

const count = z.number().int().nonnegative();
const selftestSchema = z.object({ usable: z.boolean(), reason: z.string(), detail: z.string() });
const freedSchema = z.object({ freedBytes: count });
const storageSchema = z.object({
  exists: z.boolean(),
  hasDisk: z.boolean(),
  diskAllocatedBytes: count,
  installedMarker: z.boolean(),
  begunS: count,
  base: z.string(),
  version: z.string(),
});
const goldenSchema = z.object({
  exists: z.boolean(),
  bytes: count,
  capturedS: count,
  used: z.boolean(),
  neededBytes: count,
  freeBytes: count,
});
const mediaSchema = z.object({
  state: z.enum(['absent', 'running', 'failed', 'done']),
  doneBytes: count,
  totalBytes: count,
  detail: z.string(),
});
const eventsSchema = z.object({
  Events: z.array(z.object({ EventId: z.string(), EventType: z.string(), NotBefore: z.string() })),
});
const logsSchema = z.record(z.string(), z.string());

/** Creates the typed face of our host scripts. Raises VM_HOST_SCRIPT_*, VM_DATA_DISK_*, VM_SUDO_MISSING, VM_SSH_*. */
export function createHostTools({ runner, dataDirectory, dataLun = 0 }: HostToolsOptions): HostTools {
  const run = async (link: SshLink, script: string, args: readonly string[], deadline: Deadline): Promise<string> => {
    const { exitCode, stdout, stderr } = await runner.run(link, script, args, { deadline });
    if (exitCode === 0) return stdout;
    throw scriptFailure(link, { script, exitCode, stderr }, (complaint) => diskFailure(link, dataLun, complaint));
  };
  const ask = async <T>(
    link: SshLink,
    script: string,
    args: readonly string[],
    schema: z.ZodType<T>,
    deadline: Deadline,
  ): Promise<T> => parseAnswer(link, script, await run(link, script, args, deadline), schema);

  return {
    async facts(link, deadline, bootWaitS = 0) {
      const args = [dataDirectory, String(dataLun), String(bootWaitS)];
      return toHostFacts(await ask(link, 'facts', args, factsSchema, deadline));
    },
    kvmSelftest: (link, deadline) => ask(link, 'kvm-selftest', [], selftestSchema, deadline),
    async prepareDataDisk(link, lun, directory, deadline) {
      await run(link, 'disk-prepare', [String(lun), directory, link.address.user], deadline);
    },
    async installDocker(link, dataRoot, deadline) {
      await run(link, 'docker-install', [dataRoot, link.address.user], deadline);
    },
    async startDocker(link, deadline) {
      await run(link, 'docker-start', [link.address.user], deadline);
    },
    async cleanDisks(link, deadline) {
      return (await ask(link, 'guardian-clean', [dataDirectory], freedSchema, deadline)).freedBytes;
    },
    storage: (link, directory, deadline) => ask(link, 'storage', [directory], storageSchema, deadline),
    async markInstalled(link, directory, deadline) {
      await run(link, 'mark-installed', [directory], deadline);
    },
    async resetStorage(link, directory, deadline) {
      await run(link, 'reset-storage', [directory], deadline);
    },
    golden: (link, step, directory, deadline) => ask(link, 'golden', [step, directory], goldenSchema, deadline),
    media(link, step, directory, { file, bytes, sha256, url }, deadline) {
      const args = [step, directory, file, String(bytes), sha256, url];
      return ask(link, 'iso-fetch', args, mediaSchema, deadline);
    },
    readFile: (link, path, maxBytes, deadline) => readRemoteFile(runner, link, path, maxBytes, deadline),
    async scheduledEvents(link, deadline) {
      const { Events } = await ask(link, 'scheduled-events', [], eventsSchema, deadline);
      return Events.map(({ EventId: id, EventType: type, NotBefore: notBefore }) => ({ id, type, notBefore }));
    },
    hostLogs: (link, deadline) => ask(link, 'host-logs', [], logsSchema, deadline),
  };
}

/** Bytes, so not through `run`, which decodes text. */
async function readRemoteFile(
  runner: ScriptRunner,
  link: SshLink,
  path: string,
  maxBytes: number,
  deadline: Deadline,
): Promise<Uint8Array> {
  const stream = await runner.stream(link, 'read-file', [path, String(maxBytes)], { deadline });
  const chunks: Buffer[] = [];
  stream.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  let exitCode: number;
  try {
    exitCode = await deadline.race(stream.exit);
  } catch (error) {
    stream.abort();
    if (!deadline.expired) throw error;
    const seconds = Math.round(deadline.totalMs / 1000);
    throw fail('VM_EXEC_TIMEOUT', {
      host: link.address.host,
      command: `read-file ${path}`,
      seconds,
      last: stream.stderrTail() || 'nothing',
    });
  }
  const ended = { script: 'read-file', exitCode, stderr: stream.stderrTail() };
  if (exitCode !== 0) throw scriptFailure(link, ended, () => undefined);
  return Buffer.concat(chunks);
}

/** The complaints of disk-prepare.sh that name a failure of their own. */
function diskFailure(link: SshLink, dataLun: number | 'none', { reason, detail, evidence }: Complaint) {
  const lun = dataLun === 'none' ? 0 : dataLun;
  const { host } = link.address;
  if (reason === 'no-device') return fail('VM_DATA_DISK_MISSING', { host, lun }, { evidence });
  if (reason === 'foreign-filesystem') return fail('VM_DATA_DISK_FOREIGN', { host, lun, detail }, { evidence });
  return undefined;
}
