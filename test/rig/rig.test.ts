import { afterAll, beforeAll } from 'vitest';
import { contractSuite } from './contract-suite.js';
import { diskSuite, faultsSuite } from './faults-suite.js';
import { measuredTable } from './measured.js';
import { openRig, type Rig } from './rig.js';
import { walkSuite } from './walk-suite.js';

let rig: Rig;
const current = (): Rig => rig;
beforeAll(() => {
  rig = openRig();
});
afterAll(async () => {
  await rig.dispose();
  process.stderr.write(`\n${measuredTable()}\n`);
});

walkSuite(current);
// Written, and not yet seen to pass as a whole: WAA_RIG_ALL=1 npm run test:rig.
if (process.env['WAA_RIG_ALL'] === '1') {
  faultsSuite(current);
  contractSuite(current);
  diskSuite(current);
}
