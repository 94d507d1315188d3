import type { Machine } from '../../../world/contracts.js';
import { ISO_BYTES, openStorage } from '../../../world/dockur/storage.js';
import type { RemoteCall, RemoteCommand } from '../remote-command.js';
import { answer, needs, refuse } from './answer.js';

/** A download under way, as the machine's files remember it; it ends with the boot it began in. */
interface Download {
  readonly bootId: string;
  readonly beganMs: number;
  readonly endsMs: number;
}

/** iso-fetch.sh start|status STORAGE FILE BYTES SHA256 URL */
export const isoFetch: RemoteCommand = async (call) => {
  const bad = needs(call, 6);
  if (bad !== undefined) return bad;
  const [step = '', directory = '', file = ''] = call.args;
  if (step !== 'start' && step !== 'status')
    return refuse(call, 'usage', `STEP must be start or status, not ${step}`, 64);
  if (step === 'start' && stateOf(call, directory) !== 'running' && !notNeeded(call.machine, directory))
    begin(call, directory, file);
  return answer(call, statusOf(call, directory));
};

const noteOf = (directory: string): string => directory.replace(/\/storage$/, '/iso/download.json');
const failureOf = (directory: string): string => directory.replace(/\/storage$/, '/iso/failed');

function notNeeded(machine: Machine, directory: string): boolean {
  const { hasIso, windows, marked } = openStorage(machine, directory);
  return hasIso || windows !== undefined || marked;
}

function downloadIn(machine: Machine, directory: string): Download | undefined {
  const note = machine.readFile(noteOf(directory))?.content.toString('utf8');
  return note === undefined ? undefined : (JSON.parse(note) as Download);
}

function begin({ machine, simulation }: RemoteCall, directory: string, file: string): void {
  machine.removeTree(failureOf(directory));
  const takesMs = simulation.draw('dockur.iso.download');
  const { bootId } = machine;
  const download: Download = { bootId, beganMs: simulation.now, endsMs: simulation.now + takesMs };
  machine.writeFile(noteOf(directory), JSON.stringify(download));
  simulation.after(takesMs, () => {
    if (machine.bootId !== bootId || machine.power !== 'running') return;
    machine.removeTree(noteOf(directory));
    const storage = openStorage(machine, directory);
    if (storage.freeBytes < ISO_BYTES)
      machine.writeFile(failureOf(directory), 'curl: (23) Failure writing output to destination');
    else if (!notNeeded(machine, directory)) storage.keepIso(file);
  });
}

function stateOf({ machine }: RemoteCall, directory: string): 'done' | 'running' | 'failed' | 'absent' {
  if (notNeeded(machine, directory)) return 'done';
  if (downloadIn(machine, directory)?.bootId === machine.bootId) return 'running';
  return machine.readFile(failureOf(directory)) === undefined ? 'absent' : 'failed';
}

function statusOf(call: RemoteCall, directory: string): object {
  const download = downloadIn(call.machine, directory);
  const share = download ? (call.simulation.now - download.beganMs) / (download.endsMs - download.beganMs) : 0;
  return {
    state: stateOf(call, directory),
    doneBytes: Math.floor(ISO_BYTES * Math.min(1, share)),
    totalBytes: ISO_BYTES,
    detail: call.machine.readFile(failureOf(directory))?.content.toString('utf8') ?? '',
  };
}
