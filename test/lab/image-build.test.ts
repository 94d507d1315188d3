import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../src/health/deadline.js';
import { buildImageOn, type ImageBuild, type ImageBuildRequest } from '../../src/operations/build-image.js';
import { reachWorker } from '../../src/operations/reach-worker.js';
import type { WaaEvent } from '../../src/events/catalogue.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';

let rig: LabRig;
let folder: string;
beforeAll(async () => {
  rig = await startLabRig();
  folder = await mkdtemp(join(tmpdir(), 'waa-build-'));
});
afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly built: ImageBuild | undefined;
  readonly error: unknown;
  readonly events: readonly WaaEvent[];
}

/** `up`, when it was not, then a build on its worker. */
async function build(over: Partial<ImageBuildRequest>): Promise<Outcome> {
  let error: unknown;
  const {
    value,
    events,
    error: upError,
  } = await rig.up(async (session, open) => {
    const [first] = open.workers;
    if (!first) throw new Error('no worker');
    const { worker, link } = await reachWorker(session, open, first);
    using deadline = Deadline.after(3 * 3_600_000, session.clock);
    const request = {
      directory: undefined,
      tag: 'me/waa-auto:1',
      buildArgs: {},
      noCache: false,
      classic: false,
      ...over,
    };
    return await buildImageOn(session, { worker: worker.name, stack: worker.stack, link }, request, deadline).catch(
      (thrown: unknown) => {
        error = thrown;
        return undefined;
      },
    );
  });
  expect(upError).toBeUndefined();
  return { built: value, error, events };
}

describe('building the image on a worker of the lab', () => {
  it('pins both bases, labels the image with them, and tells the steps', async () => {
    const { built, error, events } = await build({});
    expect(error).toBeUndefined();
    for (const name of ['waa.base.dockur', 'waa.base.winarena'])
      expect(built?.labels[name]).toMatch(/^\S+:\S+@sha256:[0-9a-f]{64}$/);
    expect(built?.labels['org.opencontainers.image.revision']).toBe(built?.context);
    const progress = events.flatMap((event) => (event.type === 'layer.progress' ? [event.data] : []));
    const steps = progress.filter(({ phase }) => /^step \d+ of 12: /.test(phase));
    expect(steps.at(-1)?.percent).toBe(100);
    expect(steps.some(({ etaMs }) => etaMs !== undefined)).toBe(true);
    const percents = steps.map(({ percent }) => percent ?? 0);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  it('names the step that failed', async () => {
    await writeFile(join(folder, 'Dockerfile'), 'FROM dockurr/windows:6.05\nRUN true\nCOPY nothing /x\n');
    expect((await build({ directory: folder })).error).toMatchObject({
      code: 'DOCKER_BUILD_STEP_FAILED',
      params: { step: 3, instruction: 'COPY nothing /x' },
    });
  });

  it('names a base that no registry has, before anything is built', async () => {
    const { error } = await build({ buildArgs: { DOCKUR_IMAGE: 'dockurr/windows:9.99' } });
    expect(error).toMatchObject({ code: 'DOCKER_IMAGE_NOT_FOUND' });
  });

  it('names a folder without a Dockerfile', async () => {
    expect((await build({ directory: join(folder, 'nowhere') })).error).toMatchObject({ code: 'DOCKER_BUILD_CONTEXT' });
  });
});
