import type { WaaError } from '../../failures/waa-error.js';
import type { QemuOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import type { WindowsTools } from './deps.js';
import { faultInView, lookAtWindows } from './look.js';

/**
 * One look from outside while a task runs: QEMU takes the picture, Windows does not notice. Only what can be no doing of an
 * agent is a fault, such as a blue screen; a window that hides the taskbar is not.
 */
export async function watchWindows(
  deps: WindowsTools,
  ctx: LayerContext,
  input: QemuOutput,
): Promise<WaaError | undefined> {
  const view = await lookAtWindows(deps, ctx, input, ctx.deadline);
  return view.preparing ? undefined : faultInView(view, ctx.memory.readyAs?.());
}
