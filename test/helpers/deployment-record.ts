import type { DeploymentRecord } from '../../src/state/deployment.js';

/** A deployment in Azure as a state home knows it, with what a test wants otherwise. */
export function deploymentRecord(more: Partial<DeploymentRecord> = {}): DeploymentRecord {
  const { name = 'test' } = more;
  return {
    name,
    home: 'lab',
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroup: `waa-${name}`,
    region: 'eastus',
    vmSize: 'Standard_D8ds_v5',
    workers: ['w0', 'w1'],
    createdAt: '2026-01-01T00:00:00.000Z',
    owner: 'me',
    configFingerprint: 'abc',
    intent: 'ready',
    intentAt: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}
