import type { WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { AnyLayer, LayerContext } from './layer.js';
import type { WalkOptions } from './walk-contract.js';

/**
 * One look at the layers that can be watched while a task runs (docker, qemu, windows, server), bottom first: the fault of
 * the lowest broken one, or undefined. `output` is what the top layer proved, which holds what each layer below handed up.
 * Changes nothing and touches nothing in Windows. Raises what kept it from looking, such as a dropped connection.
 */
export async function watchLayers(
  options: Pick<WalkOptions, 'layers' | 'worker' | 'clock' | 'emit' | 'retry' | 'memory'>,
  output: unknown,
  deadline: Deadline,
): Promise<WaaError | undefined> {
  for (const layer of options.layers) {
    const fault = await layer.watch?.(contextOf(options, layer, deadline), output);
    if (fault) return fault;
  }
  return undefined;
}

function contextOf(
  { worker, clock, emit, retry, memory }: Parameters<typeof watchLayers>[0],
  layer: AnyLayer,
  deadline: Deadline,
): LayerContext {
  const report = (): void => undefined;
  return { clock, deadline, emit, retry, worker, memory: memory.layer(layer.id), recoveryAttempt: 0, report };
}
