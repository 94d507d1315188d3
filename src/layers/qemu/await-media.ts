import type { SshLink } from '../../clients/ssh/ssh.js';
import type { MediaFacts } from '../../host/host-tools.js';
import { waitFor } from '../../health/wait-for.js';
import { mediaFor } from '../../health/windows-media.js';
import { winarenaPaths } from '../../health/winarena.js';
import type { DockerOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import type { QemuLayerDeps } from './deps.js';

/** Numbers of the wait. The script itself ends a download that stands still for a minute. */
const WAIT = { everyMs: 5_000, attemptTimeoutMs: 30_000 } as const;

/**
 * Waits for the download that the layer below began beside the image: begun while it runs, dockur would download the same
 * once more. One that failed is told, and dockur does it then.
 */
export async function awaitMedia(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  link: SshLink,
): Promise<void> {
  const media = mediaFor(deps.plan.config.windows);
  if (!media) return;
  const { storage } = winarenaPaths(input.dataDirectory);
  const seen = await waitFor<MediaFacts>(
    async (own) => {
      const facts = await deps.host.media(link, 'status', storage, media, own);
      if (facts.state !== 'running') return { ok: true, value: facts };
      const percent = Math.floor((100 * facts.doneBytes) / facts.totalBytes);
      ctx.report({ phase: 'downloading Windows', percent });
      return { ok: false, saw: `downloading Windows (${percent} %)`, progress: facts.doneBytes };
    },
    { what: 'the download of Windows', clock: ctx.clock, deadline: ctx.deadline, ...WAIT },
  );
  if (seen.state !== 'failed') return;
  const text = `Windows could not be downloaded ahead, dockur does it: ${seen.detail}`;
  ctx.emit('log', { component: 'qemu' }, text, { level: 'warn' });
}
