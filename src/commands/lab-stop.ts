import { callLab, findLab, withdrawLab } from '../lab/lab-handle.js';
import type { CommandHandler } from './command.js';
import { labDirectoryOf } from './lab-home.js';
import { printResult } from './print-result.js';

/** `waa lab stop`: ends the process; stopping a lab that does not run is no error. */
export const handle: CommandHandler = async (call) => {
  const directory = labDirectoryOf(call);
  const lab = await findLab(directory);
  if (lab) await callLab(lab, 'POST', '/stop');
  await withdrawLab(directory);
  return printResult(call, { stopped: lab !== undefined }, [
    lab ? 'The lab is stopped; its resources are gone.' : 'No lab was running.',
  ]);
};
