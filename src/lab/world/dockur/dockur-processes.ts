import type { ContainerProcessContext, ContainerProcessFactory } from '../contracts.js';
import { createScreenPainter, type ScreenPainter } from '../guest/screens.js';
import type { Simulation } from '../simulation.js';
import { createDockurProcess } from './dockur-process.js';
import type { ExecOutcome } from './exec-inside.js';

const IMAGES = /(^|\/)(waa-auto|winarena)(?=[:@]|$)|dockurr?\/windows(?=[:@]|$)/;

export interface DockurProcessesOptions {
  /** Programs in the image beside dockur's own, e.g. WAA's client; asked first at each `docker exec`. */
  readonly programs?: (
    argv: readonly string[],
    stdin: string,
    context: ContainerProcessContext,
  ) => ExecOutcome | undefined;
  /** Pictures drawn so far; worlds that share one draw each picture once. */
  readonly painter?: ScreenPainter;
}

/**
 * Makes what runs inside containers of `waa-auto`, `winarena` and `dockurr/windows`: dockur 6.05, or 5.14 by tag or by
 * `DOCKUR_VERSION`. Undefined for any other image.
 */
export function createDockurProcesses(
  simulation: Simulation,
  options: DockurProcessesOptions = {},
): ContainerProcessFactory {
  const painter = options.painter ?? createScreenPainter();
  const programs = options.programs ?? (() => undefined);
  return (image, context) => {
    if (!IMAGES.test(image)) return undefined;
    return createDockurProcess({ simulation, image, context, painter, programs });
  };
}
