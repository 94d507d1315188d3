/**
 * From a golden image to ready: lab minutes of each `up --image`, and their median. The first worker is installed, captured
 * and deleted before.
 *
 *   npm run bench:golden [-- --times 5 --scale 30]
 */
import { parseArgs } from 'node:util';
import { Deadline } from '../src/health/deadline.js';
import { bringUp } from '../src/operations/bring-up.js';
import { createImage } from '../src/operations/create-image.js';
import type { OpenDeployment } from '../src/operations/open-deployment.js';
import { placeDeployment } from '../src/operations/place.js';
import { prepareRecord } from '../src/operations/prepare-record.js';
import { takeDown } from '../src/operations/take-down.js';
import { withDeployment } from '../src/operations/with-deployment.js';
import { median } from '../src/state/median.js';
import { startLabRig } from '../test/helpers/lab-session.js';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '5' }, scale: { type: 'string', default: '30' } },
});
/** Hours of lab time that all of it may take. */
const LIMIT_MS = 48 * 3_600_000;

const rig = await startLabRig({ scale: Number(values.scale) });
const { session } = await rig.open();
using deadline = Deadline.after(LIMIT_MS, session.clock, session.signal);

async function up(
  name: string,
  image: string | undefined,
  then: (open: OpenDeployment) => Promise<unknown>,
): Promise<number> {
  const place = await placeDeployment(session, name, { image, zones: false, ignore: [] });
  const began = session.clock.now();
  await prepareRecord(session, name, { place });
  return withDeployment(session, { name, exclusive: true }, async (open) => {
    await bringUp(session, open, deadline);
    const minutes = (session.clock.now() - began) / 60_000;
    await then(open);
    await takeDown(session, open, false, deadline);
    return minutes;
  });
}

console.log(`scale ${values.scale}`);
let captureMinutes = 0;
const cold = await up('first', undefined, async (open) => {
  const [worker] = open.workers;
  if (!worker) throw new Error('a deployment without workers');
  const began = session.clock.now();
  await createImage(session, open, { image: 'golden', worker, force: false, refresh: false }, deadline);
  captureMinutes = (session.clock.now() - began) / 60_000;
});
console.log(`installed ${cold.toFixed(1)} min, captured ${captureMinutes.toFixed(1)} min`);
const samples: number[] = [];
for (let time = 0; time < Number(values.times); time += 1) {
  samples.push(await up(`golden-${time}`, 'golden', () => Promise.resolve()));
  console.log(`from the image ${samples.at(-1)?.toFixed(1)} min`);
}
console.log(`median ${median(samples)?.toFixed(1)} min of ${samples.length}`);
await session.close();
await rig.close();
