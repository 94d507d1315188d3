import { afterAll, beforeAll } from 'vitest';
import { contractSuite, qmpSuite } from './contract-suite.js';
import { dialectSuite } from './dialect-suite.js';
import { diskSuite, endSuite, stopSuite } from './disk-suite.js';
import { faultsSuite } from './faults-suite.js';
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

// Each goes on from where the one before left the machine.
walkSuite(current);
faultsSuite(current);
diskSuite(current);
contractSuite(current);
dialectSuite(current);
stopSuite(current);
qmpSuite(current);
endSuite(current);
