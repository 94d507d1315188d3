import type { Config } from '../config/schema.js';
import type { LayerId, LayerTimeouts } from './layer.js';

/** The limits of a layer as its contract wants them, in ms; the configuration states them in seconds. */
export function layerTimeouts(config: Pick<Config, 'timeouts'>, layer: LayerId): LayerTimeouts {
  const { checkS, provisionS, recoverS } = config.timeouts[layer];
  return { checkMs: checkS * 1000, provisionMs: provisionS * 1000, recoverMs: recoverS * 1000 };
}
