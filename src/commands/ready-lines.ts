import type { ClientOutput } from '../layers/io.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { placeOf } from './place.js';

/** What a person may do next with a deployment that is ready. */
export function readyLines(record: DeploymentRecord, outputs: readonly ClientOutput[]): readonly string[] {
  const named = record.name === 'default' ? '' : ` --name ${record.name}`;
  const plural = outputs.length === 1 ? 'worker is' : 'workers are';
  return [
    `${record.name}: ${outputs.length} ${plural} ready (${placeOf(record)})`,
    `  waa run --tasks easy_20.json${named}    run tasks`,
    `  waa pool-pause${named}                  ${record.hosts ? 'stop Windows' : 'stop paying for compute'}`,
    `  waa down${named}                        delete everything`,
  ];
}
