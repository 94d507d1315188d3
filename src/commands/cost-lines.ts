import type { RunCost } from '../benchmark/cost.js';
import { formatUsd } from '../money.js';
import type { CostEstimate, DeploymentCost } from '../operations/cost-report.js';
import type { Style } from '../output/paint/style.js';
import { paintTable } from '../output/paint/table.js';
import { wrap } from '../output/paint/text.js';

const usd = (value: number): string => formatUsd(value);
const originOf = ({ source, asOf }: { readonly source: string; readonly asOf: string }): string =>
  source === 'built-in' ? `built-in table of ${asOf}, East US` : `price list of ${asOf.slice(0, 10)}`;

/** What `up` would cost. */
export function estimateLines(estimate: CostEstimate, { columns }: Style): readonly string[] {
  const { vmSize, region, usdPerHour, leaseHours, leaseUsd, pausedUsdPerDay } = estimate;
  return [
    `One ${vmSize} in ${region} costs ${usd(usdPerHour)} an hour with its disks and address;`,
    `${usd(leaseUsd)} until it pauses by itself after ${leaseHours} h; ${usd(pausedUsdPerDay)} a day while paused.`,
    `Prices: ${originOf(estimate)}. The model's own price is not in it.`,
  ].flatMap((line) => wrap(line, columns));
}

/** Every deployment with what it cost, and its runs. */
export function deploymentCostLines(
  deployments: readonly DeploymentCost[],
  totalUsd: number,
  style: Style,
): readonly string[] {
  const rows = paintTable<DeploymentCost>(
    [
      { title: 'Deployment', cell: (row) => row.deployment, shrinkTo: 10 },
      { title: 'Since', cell: (row) => row.createdAt.slice(0, 10) },
      { title: 'State', cell: (row) => row.state },
      { title: 'Billed', cell: (row) => `${row.cost.billedHours.toFixed(2)} h`, align: 'right' },
      { title: 'Compute', cell: (row) => usd(row.cost.computeUsd), align: 'right' },
      { title: 'Storage', cell: (row) => usd(row.cost.storageUsd), align: 'right' },
      { title: 'Total', cell: (row) => usd(row.cost.totalUsd), align: 'right' },
      { title: 'Now', cell: (row) => `${usd(row.cost.hourlyUsd)}/h`, align: 'right' },
    ],
    deployments,
    style,
  );
  const runs = deployments.flatMap((row) => row.runs.map(({ run, totalUsd: of }) => `  run ${run}: ${usd(of)}`));
  const origins = [...new Set(deployments.map(({ price }) => originOf(price)))];
  return [
    ...rows,
    ...(runs.length === 0 ? [] : ['', 'Of it:', ...runs]),
    '',
    ...wrap(`${usd(totalUsd)} in all. Prices: ${origins.join('; ')}.`, style.columns, '  '),
  ];
}

/** Workers and tasks of a run, the dearest first. */
export function runCostLines(
  { run, deployment, cost }: { readonly run: string; readonly deployment: string; readonly cost: RunCost },
  style: Style,
): readonly string[] {
  const byCost = Object.entries(cost.tasks).sort(([, a], [, b]) => b - a);
  return [
    `Run ${run} on ${deployment}: ${usd(cost.totalUsd)} for ${cost.workerHours.toFixed(2)} worker hours`,
    ...wrap(
      `compute ${usd(cost.computeUsd)}, storage ${usd(cost.storageUsd)}; without a task ${usd(cost.idleUsd)}, spoiled ${usd(cost.spoiledUsd)}`,
      style.columns - 2,
    ).map((line) => `  ${line}`),
    ...Object.entries(cost.workers).map(([worker, of]) => `  ${worker}: ${usd(of)}`),
    '',
    ...paintTable<(typeof byCost)[number]>(
      [
        { title: 'Task', cell: ([task]) => task, shrinkTo: 12 },
        { title: 'Cost', cell: ([, of]) => usd(of), align: 'right' },
      ],
      byCost,
      style,
    ),
    '',
    ...wrap(`Prices: ${originOf(cost.prices)}. The model's own price is not in it.`, style.columns),
  ];
}
