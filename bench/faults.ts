/**
 * What each fault costs, in lab time: from the strike to its name, and from its name to a healthy layer. One `up` a fault.
 *
 *   npm run bench:faults [-- SCALE [ID...]]
 *
 * The smaller the scale, the less this machine's own slowness counts as lab time; 120 takes some ten minutes.
 */
import { faultIds, faults, type FaultId } from '../src/lab/faults/faults.js';
import { faultsIn } from '../test/helpers/fault-case.js';
import { startLabRig } from '../test/helpers/lab-session.js';

const [scaleText = '120', ...ids] = process.argv.slice(2);
const wanted = ids.length > 0 ? (ids as FaultId[]) : faultIds.filter((id) => faults[id].strikes !== 'during a task');
const minutes = (ms: number | undefined): string => (ms === undefined ? '-' : (ms / 60_000).toFixed(1)).padStart(8);

console.log(
  `fault                     named as                    blamed   named in  recovered in   up took   (lab minutes, ${scaleText}x)`,
);
for (const id of wanted) {
  const rig = await startLabRig({ scale: Number(scaleText) });
  try {
    rig.lab.world.faults.arm({ id, times: id === 'docker-pull-rate-limited' ? 2 : 1 });
    const result = await rig.up();
    const struckAt = rig.lab.world.faults.history.at(-1)?.at;
    const named = faultsIn(result.events)[0];
    const retried = result.events.filter((event) => event.type === 'retry.waiting')[0];
    const recovered = result.events.filter((event) => event.type === 'layer.recovered')[0];
    const toName = struckAt === undefined ? undefined : (named ?? retried)?.at;
    console.log(
      id.padEnd(25),
      (named?.data.fault.code ?? retried?.data.reason ?? '-').padEnd(27),
      (named?.data.layer ?? '-').padEnd(8),
      minutes(toName === undefined || struckAt === undefined ? undefined : toName - struckAt),
      minutes(recovered?.data.durationMs).padStart(13),
      minutes(result.minutes * 60_000).padStart(9),
      result.error === undefined ? '' : ' stops',
    );
  } finally {
    await rig.close();
  }
}
