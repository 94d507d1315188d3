import type { WaaError } from '../failures/waa-error.js';
import type { LayerContext, LayerId } from './layer.js';

/**
 * Names a failure that a layer gets round by itself, such as a size that cannot be had while another can. It is told at
 * once, as every fault is; the returned function tells what helped, once it did.
 */
export function meetFault(
  ctx: Pick<LayerContext, 'emit' | 'clock'>,
  layer: LayerId,
  fault: WaaError,
): (action: string) => void {
  const metAt = ctx.clock.now();
  ctx.emit('layer.fault', { layer, fault: fault.data() }, fault.message, { level: 'warn' });
  return (action) => {
    ctx.emit('layer.recovered', { layer, action, durationMs: ctx.clock.now() - metAt }, action);
  };
}
