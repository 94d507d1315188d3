import { Deadline } from '../health/deadline.js';
import type { ClientOutput } from '../layers/io.js';
import { hostIsSilent } from '../retry/silence.js';
import type { WorkerJob } from './run-settings.js';

/** All tries at uploading an agent. One may take five minutes, which 64 MB need over a slow line of 2 Mbit/s. */
const UPLOAD_MS = 10 * 60_000;

/** Makes sure that the user's own agent, when there is one, is on the worker. Raises CLIENT_AGENT_UPLOAD, VM_SSH_*. */
export async function putAgent(
  { settings, worker }: WorkerJob,
  { address, dataDirectory }: ClientOutput,
): Promise<void> {
  const { agent, clock, signal, supervisor, retry } = settings;
  if (!agent) return;
  using deadline = Deadline.after(UPLOAD_MS, clock, signal);
  await retry(
    'fileTransfer',
    async (own) => {
      await own.race(supervisor.putAgent(await worker.link(own), dataDirectory, agent, own));
    },
    { deadline, silence: hostIsSilent(address, 'taking the agent') },
  );
}
