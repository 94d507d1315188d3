import { afterEach, expect, it } from 'vitest';
import type { WaaEvent } from '../../src/events/catalogue.js';
import { Deadline } from '../../src/health/deadline.js';
import type { WindowsDisk } from '../../src/lab/world/dockur/storage.js';
import { add, listOf, remove } from '../../src/lab/world/azure/state.js';
import { bringUp } from '../../src/operations/bring-up.js';
import { createImage } from '../../src/operations/create-image.js';
import { deleteImage } from '../../src/operations/delete-image.js';
import { listImages, proveImage } from '../../src/operations/images.js';
import { placeDeployment } from '../../src/operations/place.js';
import { prepareRecord } from '../../src/operations/prepare-record.js';
import { inventory } from '../../src/operations/resources.js';
import { takeDown } from '../../src/operations/take-down.js';
import { withDeployment } from '../../src/operations/with-deployment.js';
import type { OpenDeployment } from '../../src/operations/open-deployment.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';

const MINUTE = 60_000;
/** Of lab time. Real time that a busy machine takes is lab time too: this is never what ends a test. */
const LIMIT_MS = 48 * 60 * MINUTE;

let rig: LabRig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

/** The Windows on the data disk of a worker's VM, from the world's own books. */
function windowsOf({ lab }: LabRig, vmName: string): WindowsDisk | undefined {
  const disk = lab.world.azure.findMachine(vmName)?.spec.dataDisks[0]?.disk;
  return disk?.data.get('dockur:/data/waa/storage') as WindowsDisk | undefined;
}

const phases = (events: readonly WaaEvent[]): string =>
  events
    .flatMap((event) => (event.type === 'layer.progress' ? [`${event.data.layer}: ${event.data.phase}`] : []))
    .join('\n');

it('captures a worker, brings another up from it without installation or pull, and is deleted to the last thing', async () => {
  rig = await startLabRig();
  const lab = rig;
  const { session, events } = await lab.open();
  using deadline = Deadline.after(LIMIT_MS, session.clock, session.signal);
  const up = async <T>(name: string, image: string | undefined, work: (open: OpenDeployment) => Promise<T>) => {
    const place = await placeDeployment(session, name, { image, zones: false, ignore: [] });
    await prepareRecord(session, name, { place });
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      await bringUp(session, open, deadline);
      return work(open);
    });
  };

  const made = await up('first', undefined, async (open) => {
    const [worker] = open.workers;
    if (!worker) throw new Error('no worker');
    const image = await createImage(session, open, { image: 'win11', worker, force: false, refresh: false }, deadline);
    expect(open.record.intent).toBe('paused');
    const again = createImage(session, open, { image: 'win11', worker, force: false, refresh: false }, deadline);
    await expect(again).rejects.toMatchObject({ code: 'OWN_IMAGE_EXISTS' });
    return image;
  });
  const source = windowsOf(lab, 'waa-first-w0');
  expect(source).toMatchObject({ stage: 'installed', dirty: false });
  expect(made).toMatchObject({ source: 'first/w0', region: 'eastus', disk: { gb: 256 } });
  expect(made.apps).toEqual(expect.arrayContaining(['vlc', 'vs_code', 'libreoffice_calc']));
  expect(Date.parse(made.windowsUntil ?? '') - (source?.installedAtMs ?? 0)).toBeGreaterThan(89 * 24 * 60 * MINUTE);

  // The image outlives what it was taken of.
  await withDeployment(session, { name: 'first', exclusive: true }, (open) => takeDown(session, open, false, deadline));
  await expect(placeDeployment(session, 'second', { image: 'win10', zones: false, ignore: [] })).rejects.toMatchObject({
    code: 'OWN_IMAGE_UNKNOWN',
    params: { hint: 'Did you mean win11?' },
  });

  const from = events.length;
  await up('second', 'win11', async ({ record }) => {
    const told = phases(events.slice(from));
    expect(told).not.toMatch(/pull|install|download/i);
    expect(windowsOf(lab, 'waa-second-w0')).toMatchObject({
      partitionGuid: source?.partitionGuid,
      installedAtMs: source?.installedAtMs,
    });
    expect(await listImages(session, deadline)).toMatchObject([
      { name: 'win11', usedBy: ['second'], warning: undefined },
    ]);
    const { resources } = await inventory(session, false, deadline);
    const row = resources.find(({ type }) => /snapshots$/.test(type));
    expect(row).toMatchObject({ deployment: 'image win11', owner: 'tester', detail: '256 GB' });
    expect(row?.usdPerDay).toBeGreaterThan(0);
    await expect(deleteImage(session, 'win11', deadline)).rejects.toMatchObject({ code: 'OWN_IMAGE_IN_USE' });

    await proveImage(session, record, ['w1'], deadline);
    const { azure } = lab.lab.world;
    const [snapshot] = listOf(azure, 'Microsoft.Compute/snapshots');
    if (snapshot) remove(azure, snapshot);
    await proveImage(session, { ...record, warm: ['w1'] }, ['w1'], deadline);
    await expect(proveImage(session, record, ['w1'], deadline)).rejects.toMatchObject({ code: 'OWN_IMAGE_UNFINISHED' });
    if (snapshot) add(azure, snapshot);
  });
  expect(windowsOf(lab, 'waa-second-w0')).not.toBe(source);

  await withDeployment(session, { name: 'second', exclusive: true }, (open) =>
    takeDown(session, open, false, deadline),
  );
  const proof = await deleteImage(session, 'win11', deadline);
  expect(proof.deleted.map(({ name }) => name)).toEqual([made.disk?.snapshot]);
  expect(listOf(lab.lab.world.azure, 'Microsoft.Compute/snapshots')).toEqual([]);
  expect(lab.lab.summary().groups).toEqual([]);
  await session.close();
});
