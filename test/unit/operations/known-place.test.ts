import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../src/config/origin.js';
import { knownPlace, minimum } from '../../../src/operations/known-place.js';
import { deploymentRecord } from '../../helpers/deployment-record.js';

const known = deploymentRecord({ spot: false });
const placed = (key: string, value: unknown, origin: Origin) =>
  knownPlace({ resolved: { rows: [{ key, value, origin }] } as never }, known, { zones: false });

describe('a deployment that exists', () => {
  it.each([
    ['azure.vmSize', '--size', 'Standard_D16ds_v5', 'waa up --name NEW --size Standard_D16ds_v5'],
    ['azure.region', '--region', 'westus2', 'waa up --name NEW --region westus2'],
    ['azure.spot', '--spot', true, 'waa up --name NEW --spot'],
  ])('refuses %s where a flag says something else', (key, name, value, command) => {
    const call = (): unknown => placed(key, value, { kind: 'flag', name });
    expect(call).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        params: expect.objectContaining({ hint: `Make another one: ${command}` }),
      }),
    );
  });

  it('takes a flag that says the same, and a configuration that is for the next one', () => {
    expect(placed('azure.vmSize', 'standard_d8ds_v5', { kind: 'flag', name: '--size' }).vmSize).toBe(known.vmSize);
    expect(placed('azure.region', 'westus2', { kind: 'env', name: 'WAA_AZURE_REGION' }).region).toBe(known.region);
  });
});

describe('the number of workers that must be ready', () => {
  it('is one that the pool has', () => {
    expect([1, 3, undefined].map((least) => minimum(least, 3))).toEqual([1, 3, undefined]);
    const hint = 'Give --min-workers from 1 to 3, or have more workers.';
    expect(() => minimum(4, 3)).toThrow(
      expect.objectContaining({ code: 'USAGE', params: expect.objectContaining({ hint }) }),
    );
  });
});
