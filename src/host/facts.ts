import * as z from 'zod';
import type { HostFacts } from './host-tools.js';
import { tryJson } from '../try-json.js';

const count = z.number().int().nonnegative();

/** What facts.sh prints; cloud-init's own words are inside as text. */
export const factsSchema = z.object({
  bootId: z.string(),
  os: z.string(),
  kernel: z.string(),
  cpuCores: count,
  memoryMb: count,
  cpuVirtualization: z.boolean(),
  kvm: z.object({ present: z.boolean(), writable: z.boolean() }),
  docker: z.object({ installed: z.boolean(), active: z.boolean(), version: z.string(), startingS: count.nullable() }),
  cloudInit: z.object({ present: z.boolean(), exitCode: z.number().int(), output: z.string() }),
  mounts: z.array(
    z.object({ path: z.string(), source: z.string(), fsType: z.string(), sizeBytes: count, freeBytes: count }),
  ),
  dataDevice: z.string().nullable(),
  epochMs: z.number(),
});

/** `cloud-init status --format json`; extended_status and recoverable_errors came with 23.4. */
const cloudInitSchema = z.object({
  status: z.string(),
  extended_status: z.string().optional(),
  errors: z.array(z.string()).default([]),
  recoverable_errors: z.record(z.string(), z.array(z.string())).default({}),
});

type CloudInit = HostFacts['cloudInit'];
const STATUSES: ReadonlySet<string> = new Set(['not started', 'running', 'done', 'error', 'disabled']);

/** Turns the script's answer into HostFacts. */
export function toHostFacts(raw: z.infer<typeof factsSchema>): HostFacts {
  const { cloudInit, docker, dataDevice, ...same } = raw;
  return {
    ...same,
    docker: { ...docker, startingS: docker.startingS ?? undefined },
    cloudInit: readCloudInit(cloudInit),
    dataDevice: dataDevice ?? undefined,
  };
}

function readCloudInit({ present, exitCode, output }: z.infer<typeof factsSchema>['cloudInit']): CloudInit {
  if (!present) return { status: 'absent', extendedStatus: 'absent', exitCode: 0, errors: [] };
  const parsed = cloudInitSchema.safeParse(tryJson(output));
  if (parsed.success) {
    const { status, extended_status: extended, errors, recoverable_errors: recoverable } = parsed.data;
    const all = [...errors, ...Object.values(recoverable).flat()];
    return { status: known(status), extendedStatus: extended ?? status, exitCode, errors: all };
  }
  // Before 22.4: lines of `key: value`.
  const status = /^status:\s*(.+)$/m.exec(output)?.[1]?.trim() ?? 'not started';
  const extended = /^extended_status:\s*(.+)$/m.exec(output)?.[1]?.trim() ?? status;
  return { status: known(status), extendedStatus: extended, exitCode, errors: [] };
}

function known(status: string): CloudInit['status'] {
  return STATUSES.has(status) ? (status as CloudInit['status']) : 'not started';
}
