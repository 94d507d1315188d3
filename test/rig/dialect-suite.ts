import { expect, it } from 'vitest';
import { createDockerEngine } from '../../src/clients/docker-engine/create-docker-engine.js';
import { realClock } from '../../src/clock/real-clock.js';
import { Deadline } from '../../src/health/deadline.js';
import { endedCleanly } from '../../src/health/dockur-failures.js';
import { parseDockurLog, type DockurLog } from '../../src/health/dockur-log.js';
import { waitFor } from '../../src/health/wait-for.js';
import { stopDockur } from '../../src/layers/stop-dockur.js';
import { openUnix } from '../contract/docker/engine-suite.js';
import { IMAGES } from './image.js';
import { measure } from './measured.js';
import type { Rig } from './rig.js';

const NAME = 'dockur5';

/** dockur 5.14 in its own image: other log lines, other ways to start and to end. */
export function dialectSuite(rig: () => Rig): void {
  it('dockur 5.14 is followed through its preparation into Setup, and ends when told to', async () => {
    const { machine } = rig();
    const engine = createDockerEngine(() => openUnix(machine.path('/run/docker.sock')));
    using deadline = Deadline.after(120_000, realClock);
    const began = performance.now();
    const options = `--cap-add NET_ADMIN --device /dev/net/tun -e KVM=N -v /data/${NAME}:/storage`;
    await machine.sh(`docker run -d --name ${NAME} ${options} ${IMAGES.dockur5}`);
    const look = async (): Promise<DockurLog> => parseDockurLog(await engine.logs(NAME, 1000, deadline));
    const until = (what: string, holds: (log: DockurLog) => boolean): Promise<DockurLog> =>
      waitFor(
        async () => {
          const log = await look();
          return holds(log) ? { ok: true, value: log } : { ok: false, saw: log.lastLine };
        },
        { what, clock: realClock, deadline, everyMs: 200, attemptTimeoutMs: 10_000 },
      );
    await until('the percent of its download', ({ percent }) => percent !== undefined);
    const inSetup = await until('Setup', ({ phase }) => phase === 'setup-copy');
    expect(inSetup).toMatchObject({ version: '5.14', network: 'nat', dvdBoots: 1, diskBoots: 0, errors: [] });

    await stopDockur(engine, NAME, deadline);
    const stopped = await engine.inspectContainer(NAME, deadline);
    expect(stopped).toMatchObject({ state: 'exited' });
    expect(stopped && endedCleanly(stopped, await look())).toBe(true);
    await machine.sh(`docker rm ${NAME}; rm -r /data/${NAME}`);
    measure('dockur 5.14 from its start into Setup and to its end', (performance.now() - began) / 1000);
  });
}
