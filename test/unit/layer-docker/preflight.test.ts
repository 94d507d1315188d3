import { describe, expect, it } from 'vitest';
import type { ManifestInfo } from '../../../src/clients/registry/registry.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { configSchema } from '../../../src/config/schema.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { dockerChecks, type DockerCheckContext, type WorkerLook } from '../../../src/layers/docker/preflight.js';
import { DIGEST, GIB, IMAGE } from './bench.js';

const FALLBACK = 'waalab.azurecr.io/waa-auto:2026.11';
const deadline = Deadline.none(createManualClock());
type Answers = Readonly<Record<string, ManifestInfo | WaaError>>;

function context(answers: Answers, over: Partial<DockerCheckContext> = {}, image: object = {}): DockerCheckContext {
  return {
    config: configSchema.parse({ image }),
    workers: 4,
    registry: {
      manifest: async (reference) => {
        const answer = answers[reference] ?? fail('DOCKER_IMAGE_NOT_FOUND', { image: reference });
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    ...over,
  };
}
async function run(id: string, given: DockerCheckContext) {
  const check = dockerChecks.find((one) => one.id === id);
  if (!check) throw new Error(`no check ${id}`);
  return check.run(given, deadline);
}
const worker = (over: Partial<WorkerLook> & { freeBytes?: number; windows?: boolean } = {}): WorkerLook => ({
  dataDirectory: '/data',
  facts: async () =>
    ({
      mounts: [{ path: '/data', source: '', fsType: 'ext4', sizeBytes: 0, freeBytes: over.freeBytes ?? 100 * GIB }],
    }) as never,
  info: async () => ({ version: '27', dataRoot: '/data/docker', storageDriver: 'overlay2' }),
  hasImage: async () => false,
  storage: async () => ({ hasDisk: over.windows ?? false }) as never,
  clean: async () => 3 * GIB,
  ...over,
});

describe('docker preflight', () => {
  it('passes an image that the registry has', async () => {
    expect(await run('docker-image', context({ [IMAGE]: { digest: DIGEST } }))).toMatchObject({
      outcome: 'pass',
      facts: { digest: DIGEST },
    });
  });

  it('refuses an image that no registry has', async () => {
    expect(await run('docker-image', context({}))).toMatchObject({
      outcome: 'problem',
      problem: { code: 'DOCKER_IMAGE_NOT_FOUND' },
    });
  });

  it('only warns when the fallback has it', async () => {
    const given = context({ [FALLBACK]: { digest: DIGEST } }, {}, { fallback: FALLBACK });
    expect(await run('docker-image', given)).toMatchObject({ outcome: 'problem', severity: 'warning' });
  });

  it('cannot tell when the registry cannot be reached', async () => {
    const unreachable = fail('DOCKER_REGISTRY_UNREACHABLE', { registry: 'registry-1.docker.io', detail: 'ENOTFOUND' });
    expect(await run('docker-image', context({ [IMAGE]: unreachable }))).toMatchObject({ outcome: 'could-not-run' });
  });

  it('warns when fewer pulls are left than workers will make', async () => {
    const left = (remaining: number) => context({ [IMAGE]: { digest: DIGEST, rateLimit: { limit: 100, remaining } } });
    expect(await run('docker-pull-budget', left(4))).toMatchObject({ outcome: 'pass' });
    expect(await run('docker-pull-budget', left(3))).toMatchObject({
      outcome: 'problem',
      problem: { code: 'DOCKER_PULL_BUDGET_LOW' },
    });
  });

  it('warns about an image without digest or copy', async () => {
    expect(await run('docker-image-pinned', context({}))).toMatchObject({
      outcome: 'problem',
      problem: { code: 'DOCKER_IMAGE_NOT_PINNED' },
    });
    const both = context({}, {}, { digest: DIGEST, fallback: FALLBACK });
    expect(await run('docker-image-pinned', both)).toMatchObject({ outcome: 'pass' });
  });

  it('skips what needs a worker before there is one', async () => {
    expect(await run('docker-data-root', context({}))).toMatchObject({ outcome: 'skipped' });
    expect(await run('docker-disk-space', context({}))).toMatchObject({ outcome: 'skipped' });
  });

  it('refuses a data-root on another disk', async () => {
    const wrong = worker({ info: async () => ({ version: '27', dataRoot: '/mnt/docker', storageDriver: 'overlay2' }) });
    expect(await run('docker-data-root', context({}, { worker: wrong }))).toMatchObject({
      outcome: 'problem',
      problem: { code: 'DOCKER_DATA_ROOT_WRONG' },
    });
    expect(await run('docker-data-root', context({}, { worker: worker() }))).toMatchObject({ outcome: 'pass' });
  });

  it.each([
    [{ freeBytes: 49 * GIB }, 'problem'],
    [{ freeBytes: 50 * GIB }, 'pass'],
    [{ freeBytes: 15 * GIB, windows: true }, 'pass'],
    [{ freeBytes: 14 * GIB, windows: true }, 'problem'],
    [{ freeBytes: 20 * GIB, hasImage: async () => true }, 'pass'],
  ])('judges room by what is still to come: %j is a %s', async (over, outcome) => {
    expect((await run('docker-disk-space', context({}, { worker: worker(over) }))).outcome).toBe(outcome);
  });

  it('--fix frees what nobody uses', async () => {
    const check = dockerChecks.find((one) => one.id === 'docker-disk-space');
    expect(await check?.fix?.(context({}, { worker: worker() }), deadline)).toBe('freed 3.0 GB');
  });
});
