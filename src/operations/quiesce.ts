import type { LifecyclePorts, PoolWorker } from '../deployment/pool-worker.js';
import type { Deadline } from '../health/deadline.js';
import type { VmOutput } from '../layers/io.js';
import type { LayerReport } from '../layers/walk-contract.js';
import type { ShutDownOutcome } from '../layers/windows/shut-down.js';
import type { Session } from '../session.js';
import type { OpenDeployment } from './open-deployment.js';
import { inspectWorker } from './walk-worker.js';

interface Told {
  readonly level: 'info' | 'warn';
  readonly text: string;
}

/** What is said of how Windows was found. */
const TOLD: Readonly<Record<ShutDownOutcome, Told>> = {
  'shut-down': { level: 'info', text: 'Windows is shut down cleanly' },
  'was-off': { level: 'info', text: 'Windows was off' },
  unfinished: { level: 'warn', text: 'Windows was not installed to the end' },
};

const stateOf = (status: LayerReport['status']): string =>
  status && 'fault' in status ? `${status.state}: ${status.fault.message}` : (status?.state ?? 'not looked at');

/** The ports of pause: Windows is shut down wherever its host answers. */
export function withQuiesce(session: Session, open: OpenDeployment): LifecyclePorts {
  return {
    ...open.ports,
    async quiesceWorker(pool: PoolWorker, deadline: Deadline) {
      const worker = open.workers.find((candidate) => candidate.name === pool.worker);
      if (!worker) return;
      try {
        // No higher: Windows, its server and the model take minutes to look at, and what they say changes nothing here.
        const { layers } = await inspectWorker(session, open, worker, deadline, 'vm');
        const vm = layers.at(-1)?.status;
        const tell = ({ level, text }: Told): void => {
          session.emit('log', { component: 'windows' }, text, { worker: worker.name, level });
        };
        // Without a Linux that answers nothing can be shut down from inside; Azure's deallocation is all there is.
        if (vm?.state === 'ready') tell(TOLD[await worker.stack.quiesce(vm.output as VmOutput, deadline)]);
        else tell({ level: 'warn', text: `Windows could not be asked to shut down: its VM was found ${stateOf(vm)}` });
      } finally {
        // What comes next takes the machine away, with --force also after a failure here.
        worker.stack.hangUp();
      }
    },
  };
}
