import { expect, it } from 'vitest';
import { deploymentCostLines, estimateLines } from '../../../src/commands/cost-lines.js';
import type { DeploymentCost } from '../../../src/operations/cost-report.js';
import { plainStyle } from '../../../src/output/paint/style.js';

const tooLong = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.length > 80);

it('an estimate by the built-in table fits 80 columns', () => {
  const estimate = {
    vmSize: 'Standard_D16ds_v5',
    region: 'southafricanorth',
    workers: 1,
    usdPerHour: 0.904,
    pausedUsdPerDay: 1.71,
    leaseHours: 336,
    leaseUsd: 304.12,
    source: 'built-in',
    asOf: '2026-08-20',
  };
  expect(tooLong(estimateLines(estimate, plainStyle))).toEqual([]);
});

it('many deployments, each at the prices of another day, fit 80 columns', () => {
  const cost = { computeUsd: 1, storageUsd: 1, totalUsd: 2, hourlyUsd: 0, billedHours: 2 };
  const price = { vmSize: 's', region: 'eastus', vmUsdPerHour: 0.5, storageUsdPerDay: 1, source: 'retail' };
  const deployments = Array.from({ length: 9 }, (_, day): DeploymentCost => {
    const asOf = `2026-11-1${day}`;
    const createdAt = `${asOf}T00:00:00Z`;
    return { deployment: 'd', createdAt, state: 'deleted', cost, workers: {}, price: { ...price, asOf }, runs: [] };
  });
  expect(tooLong(deploymentCostLines(deployments, 18, plainStyle))).toEqual([]);
});
