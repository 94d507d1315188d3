import { createHash } from 'node:crypto';
import packageFile from '../../package.json' with { type: 'json' };
import { agentConditions } from '../benchmark/experiment.js';
import type { RunConditions } from '../benchmark/run-record.js';
import type { TaskSelection } from '../benchmark/select-tasks.js';
import { taskName, type Task } from '../benchmark/task-index.js';
import { dataDiskGbOf } from '../deployment/plan.js';
import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';

/**
 * Everything that was chosen for a run, for `run.json`: with it the same run can be made again; `vmSizes` are those of its
 * workers as they stand. Holds no secret.
 */
export function runConditions(
  session: Session,
  record: DeploymentRecord,
  vmSizes: readonly string[],
  { tasks, selection }: { readonly tasks: readonly Task[]; readonly selection: TaskSelection },
): RunConditions {
  const { config, surroundings } = session;
  const { maxCostUsd, infraRetries } = config.benchmark;
  const { digest } = config.image;
  // How the media came makes no difference to what was installed.
  const { fetchIso: _, ...windows } = config.windows;
  const { sources, domains = [], sample, seed, repeat } = selection;
  return {
    versions: { waa: packageFile.version, node: surroundings.nodeVersion, platform: surroundings.platform },
    azure: {
      region: record.region,
      vmSize: vmSizes.join(', '),
      spot: record.spot ?? config.azure.spot,
      dataDiskGb: dataDiskGbOf(config, record.golden),
    },
    image: { reference: config.image.reference, ...(digest === undefined ? {} : { digest }) },
    windows,
    agent: agentConditions(config),
    ...(config.model.endpoint === undefined ? {} : { modelEndpoint: withoutSecrets(config.model.endpoint) }),
    infraRetries,
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    selection: {
      sources: [...sources],
      ...(domains.length === 0 ? {} : { domains: [...domains] }),
      ...(sample === undefined ? {} : { sample, seed: seed ?? 1 }),
      ...(repeat === undefined ? {} : { repeat }),
    },
    tasksSha256: createHash('sha256')
      .update(tasks.map((task) => `${taskName(task)}\n`).join(''))
      .digest('hex'),
  };
}

/** A user name or a query in an address may be a key. */
function withoutSecrets(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}
