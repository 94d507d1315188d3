import type { WindowsOutput } from '../layers/io.js';
import type { EvaluatedWindows } from '../layers/windows/preflight.js';
import { openCheckpoint } from '../state/checkpoint.js';
import { deploymentNames } from '../state/deployment.js';
import type { StatePaths } from '../state/paths.js';

/** When the Windows of each worker ends, as it was last proven; of one deployment, or of all that are known here. */
export async function knownEvaluations(
  paths: StatePaths,
  deployment: string | undefined,
): Promise<readonly EvaluatedWindows[]> {
  const names = deployment === undefined ? await deploymentNames(paths) : [deployment];
  const found = await Promise.all(
    names.map(async (name) => {
      const checkpoint = await openCheckpoint(paths.deployment(name).checkpoint);
      return checkpoint.workers().flatMap((worker): EvaluatedWindows[] => {
        const seen = checkpoint.verified(worker, 'windows')?.outputs as Partial<WindowsOutput> | undefined;
        return seen?.evaluationEnds === undefined ? [] : [{ deployment: name, worker, ends: seen.evaluationEnds }];
      });
    }),
  );
  return found.flat();
}
