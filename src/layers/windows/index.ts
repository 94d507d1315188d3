import type { QemuOutput, WindowsOutput } from '../io.js';
import type { Layer } from '../layer.js';
import { layerTimeouts } from '../layer-timeouts.js';
import { checkWindows } from './check.js';
import type { WindowsLayerDeps, WindowsTools } from './deps.js';
import { collectEvidence } from './evidence.js';
import { createFrameReader } from './frame-reader.js';
import { provisionWindows } from './provision.js';
import { recoverWindows } from './recover.js';
import { watchWindows } from './watch.js';

export type { WindowsLayerDeps } from './deps.js';

/** Requirement A5: an installed Windows that shows a steady desktop, its disk marked so that no restart erases it. */
export function createWindowsLayer(deps: WindowsLayerDeps): Layer<QemuOutput, WindowsOutput> {
  const tools: WindowsTools = { ...deps, readFrame: createFrameReader() };
  return {
    id: 'windows',
    milestones: ['windows_installed'],
    timeouts: layerTimeouts(deps.plan.config, 'windows'),
    check: (ctx, input) => checkWindows(tools, ctx, input),
    provision: (ctx, input, seen) => provisionWindows(tools, ctx, input, seen),
    recover: (ctx, input, fault) => recoverWindows(tools, ctx, input, fault),
    watch: (ctx, input) => watchWindows(tools, ctx, input),
    evidence: (ctx, input) => collectEvidence(tools, ctx, input),
  };
}
