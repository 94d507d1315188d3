import { asWaaError } from '../failures/waa-error.js';
import type { ClientOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { readKnownGood, saveKnownGood } from '../state/known-good.js';

/** Notes what worked, and tells when dockur is another one than before: the image decides about it, not the configuration. */
export async function rememberGood(
  { clock, emit, paths }: Session,
  { vmSize }: DeploymentRecord,
  { image, dockurVersion }: ClientOutput,
): Promise<void> {
  const warn = (text: string): void => {
    emit('log', { component: 'deployment' }, text, { level: 'warn' });
  };
  try {
    const before = await readKnownGood(paths);
    if (before && before.dockurVersion !== dockurVersion)
      warn(`dockur is ${dockurVersion} now; ${before.dockurVersion} was the last that worked`);
    await saveKnownGood(paths, { image, dockurVersion, vmSize, at: new Date(clock.now()).toISOString() });
  } catch (error) {
    // A deployment that is ready is not undone by a note that could not be taken.
    warn(asWaaError(error).message);
  }
}
