import type { DockerInfo } from '../../clients/docker-engine/docker-engine.js';
import type { RegistryClient } from '../../clients/registry/registry.js';
import type { Config } from '../../config/schema.js';
import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { HostFacts, StorageFacts } from '../../host/host-tools.js';
import type { Check, CheckOutcome } from '../../preflight/check.js';
import { looking, problem } from '../../preflight/outcomes.js';
import { dataRootOf, isBelow } from './deps.js';
import { wantedReferences } from './image.js';
import { freeAt, lacksWindows, neededBytes } from '../../health/room.js';

/** An existing worker, as the checks look at it. */
export interface WorkerLook {
  readonly dataDirectory: string;
  facts(deadline: Deadline): Promise<HostFacts>;
  /** Undefined when no daemon answers. */
  info(deadline: Deadline): Promise<DockerInfo | undefined>;
  hasImage(deadline: Deadline): Promise<boolean>;
  storage(deadline: Deadline): Promise<StorageFacts>;
  /** Frees what nobody uses; bytes freed. */
  clean(deadline: Deadline): Promise<number>;
}

/** What the checks of the docker layer look at. */
export interface DockerCheckContext {
  readonly config: Config;
  readonly registry: RegistryClient;
  /** Workers that will pull the image. */
  readonly workers: number;
  /** True when every worker has the image already: then no registry is needed. Absent before there is a machine. */
  readonly imageIsThere?: (deadline: Deadline) => Promise<boolean>;
  /** Absent before there is a machine. */
  readonly worker?: WorkerLook;
}

type DockerCheck = Check<DockerCheckContext>;

const NO_WORKER: CheckOutcome = { outcome: 'skipped', detail: 'there is no worker yet' };

/** P9: some registry has the image at its digest. A worker that has the image already needs no registry. */
const image: DockerCheck = {
  id: 'docker-image',
  title: 'Container image can be pulled',
  requirement: 'P9',
  severity: 'critical',
  run: ({ config, registry, imageIsThere }, deadline) =>
    looking(async () => {
      if (await imageIsThere?.(deadline))
        return { outcome: 'pass', detail: `${config.image.reference} is on the hosts already` };
      const failures: WaaError[] = [];
      for (const reference of wantedReferences(config.image)) {
        try {
          const { digest } = await registry.manifest(reference, deadline);
          const facts = { reference, digest };
          if (failures.length === 0)
            return { outcome: 'pass', detail: `${config.image.reference} is ${digest.slice(0, 19)}`, facts };
          return problem(failures[0] ?? asWaaError(undefined), 'warning');
        } catch (error) {
          if (deadline.signal.aborted) throw error;
          failures.push(asWaaError(error));
        }
      }
      throw failures[0] ?? fail('DOCKER_IMAGE_NOT_FOUND', { image: config.image.reference });
    }),
};

/** P9: the registry will serve as many pulls as there are workers. */
const rateLimit: DockerCheck = {
  id: 'docker-pull-budget',
  title: "Registry's pull limit",
  requirement: 'P9',
  severity: 'warning',
  run: ({ config, registry, workers }, deadline) =>
    looking(async () => {
      const { rateLimit: budget } = await registry.manifest(config.image.reference, deadline);
      if (!budget) return { outcome: 'pass', detail: 'the registry names no limit' };
      const detail = `${budget.remaining} of ${budget.limit} pulls left for this address; each VM has a budget of its own`;
      if (budget.remaining >= workers) return { outcome: 'pass', detail, facts: budget };
      return problem(fail('DOCKER_PULL_BUDGET_LOW', { remaining: budget.remaining, workers }));
    }),
};

/** P9: what keeps a run going when the registry does not: a digest and a second registry. */
const pinned: DockerCheck = {
  id: 'docker-image-pinned',
  title: 'Image pinned and mirrored',
  requirement: 'P9',
  severity: 'warning',
  run: async ({ config: { image: own } }) => {
    const lacking = [
      ...(own.digest === undefined ? ['image.digest'] : []),
      ...(own.fallback === undefined ? ['image.fallback'] : []),
    ];
    if (lacking.length > 0)
      return problem(fail('DOCKER_IMAGE_NOT_PINNED', { lacking: lacking.join(' and '), image: own.reference }));
    return { outcome: 'pass', detail: `${own.digest?.slice(0, 19) ?? ''}, fallback ${own.fallback ?? ''}` };
  },
};

/** P6: Docker keeps its data on the large disk. */
const dataRoot: DockerCheck = {
  id: 'docker-data-root',
  title: "Docker's data on the data disk",
  requirement: 'P6',
  severity: 'critical',
  run: ({ worker }, deadline) =>
    worker === undefined
      ? Promise.resolve(NO_WORKER)
      : looking(async () => {
          const info = await worker.info(deadline);
          if (!info) return { outcome: 'skipped', detail: 'Docker does not run; up starts it' };
          const wanted = dataRootOf(worker.dataDirectory);
          if (!isBelow(info.dataRoot, worker.dataDirectory))
            return problem(fail('DOCKER_DATA_ROOT_WRONG', { dataRoot: info.dataRoot, wanted }));
          return { outcome: 'pass', detail: info.dataRoot };
        }),
};

/** P6: room for the image and for Windows; `--fix` removes what nobody uses. */
const room: DockerCheck = {
  id: 'docker-disk-space',
  title: 'Free space on the data disk',
  requirement: 'P6',
  severity: 'critical',
  run: ({ worker }, deadline) =>
    worker === undefined
      ? Promise.resolve(NO_WORKER)
      : looking(async () => {
          const looks = [worker.facts(deadline), worker.storage(deadline), worker.hasImage(deadline)] as const;
          const [facts, storage, hasImage] = await Promise.all(looks);
          const needBytes = neededBytes({ image: !hasImage, windows: lacksWindows(storage) });
          const path = worker.dataDirectory;
          const freeBytes = freeAt(facts, path);
          if (freeBytes < needBytes)
            return problem(fail('DOCKER_DISK_SHORT', { path, freeBytes, needBytes, cleanedBytes: 0 }));
          return { outcome: 'pass', detail: `${Math.floor(freeBytes / 1024 ** 3)} GB free on ${path}` };
        }),
  fix: async ({ worker }, deadline) => {
    const freed = (await worker?.clean(deadline)) ?? 0;
    return `freed ${(freed / 1024 ** 3).toFixed(1)} GB`;
  },
};

/** The checks of the docker layer, in the order they are shown. */
export const dockerChecks: readonly DockerCheck[] = [image, rateLimit, pinned, dataRoot, room];
