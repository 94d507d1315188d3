import { MAX_WORKERS } from '../deployment/names.js';
import type { PoolRequest } from '../operations/place.js';
import type { RawOptions } from './command.js';
import { flagOption, listOption, numberOption, textOption } from './input.js';

/** The flags that say how many workers a deployment has. Raises USAGE. */
export function poolFlags(options: RawOptions): PoolRequest {
  const bounds = { min: 1, max: MAX_WORKERS, integer: true };
  return {
    workers: numberOption(options, 'workers', bounds),
    minWorkers: numberOption(options, 'minWorkers', bounds),
    warm: numberOption(options, 'warm', { ...bounds, min: 0 }),
    image: textOption(options, 'image'),
    zones: flagOption(options, 'zones'),
    ignore: listOption(options, 'ignore'),
  };
}
