import type { ConfigFlag } from '../config/load.js';
import type { RawOptions } from './command.js';
import { flagOption, textOption } from './input.js';

/** The flags that set a key of the configuration, as the loader wants them. */
export function azureFlags(options: RawOptions): readonly ConfigFlag[] {
  return [
    { flag: '--region', key: 'azure.region', value: textOption(options, 'region') },
    { flag: '--size', key: 'azure.vmSize', value: textOption(options, 'size') },
    { flag: '--max-cost', key: 'benchmark.maxCostUsd', value: textOption(options, 'maxCost') },
    { flag: '--spot', key: 'azure.spot', value: flagOption(options, 'spot') ? 'true' : undefined },
  ];
}
