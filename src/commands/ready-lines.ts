import type { ClientOutput } from '../layers/io.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { programAsTyped, type Place } from './as-typed.js';
import { placeOf } from './place.js';

/** What a person may do next with a deployment that is ready. */
export function readyLines(
  record: DeploymentRecord,
  outputs: readonly ClientOutput[],
  place: Place,
): readonly string[] {
  const program = programAsTyped(place);
  const named = record.name === 'default' ? '' : ` --name ${record.name}`;
  const plural = outputs.length === 1 ? 'worker is' : 'workers are';
  const next = [
    [`${program} run --tasks easy_20.json${named}`, 'run tasks'],
    [`${program} pool-pause${named}`, record.hosts ? 'stop Windows' : 'pause compute'],
    [`${program} down${named}`, 'delete all'],
  ] as const;
  const width = Math.max(...next.map(([command]) => command.length));
  return [
    `${record.name}: ${outputs.length} ${plural} ready (${placeOf(record)})`,
    ...next.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`),
  ];
}
