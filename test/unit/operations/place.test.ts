import { expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { resolveConfig } from '../../../src/config/load.js';
import type { Deadline } from '../../../src/health/deadline.js';
import { placeDeployment } from '../../../src/operations/place.js';
import type { Session } from '../../../src/session.js';
import { statePaths } from '../../../src/state/paths.js';
import { createFakeArm } from '../../helpers/fake-arm-client.js';

const SIZE = 'Standard_D8ds_v5';

/** A place for workers of a size that was chosen by name, in a region that has no zones. */
function place(zones: boolean, ignore: readonly string[] = []) {
  const arm = createFakeArm();
  const about = { family: 'f', vCpus: 8, memoryGb: 32, hyperVGenerations: ['V2'], restrictions: [] };
  arm.skuRows.set('eastus', [{ name: SIZE, zones: [], ...about }]);
  const resolved = resolveConfig({ flags: [{ flag: '--size', key: 'azure.vmSize', value: SIZE }], env: {}, files: [] });
  const clock = createManualClock();
  const session = {
    clients: { arm },
    clock,
    config: resolved.config,
    resolved,
    owner: 'ada',
    paths: statePaths('/nowhere'),
    signal: new AbortController().signal,
    emit: () => undefined,
    retry: <T>(_: string, work: (own: Deadline) => Promise<T>, { deadline }: { readonly deadline: Deadline }) =>
      work(deadline),
  } as unknown as Session;
  return placeDeployment(session, 'eval', { zones, ignore });
}

it('a size chosen by name is taken without zones only where none were asked for', async () => {
  expect(await place(false)).toMatchObject({ region: 'eastus', vmSize: SIZE });
  for (const ignore of [[], ['azure-size'], ['azure-quota']])
    await expect(place(true, ignore)).rejects.toMatchObject({
      code: 'AZURE_NO_PLACEMENT',
      evidence: expect.arrayContaining([{ title: 'eastus', text: `${SIZE}: not offered in a zone` }]),
    });
});
