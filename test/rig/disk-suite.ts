import { expect, it } from 'vitest';
import { createDockerEngine } from '../../src/clients/docker-engine/create-docker-engine.js';
import { realClock } from '../../src/clock/real-clock.js';
import { Deadline } from '../../src/health/deadline.js';
import { stopDockur } from '../../src/layers/stop-dockur.js';
import { openUnix } from '../contract/docker/engine-suite.js';
import { measure } from './measured.js';
import { menderOf } from './mender.js';
import { ofType, QUOTED_DATA, type Rig } from './rig.js';

/** The Windows disk outlives its container, a pause, and what a restart of the host does. */
export function diskSuite(rig: () => Rig): void {
  it('survives a pause, a new daemon, the removal of its container, and a resume in one boot', async () => {
    const { machine, waa, installation } = rig();
    const before = await installation();
    const paused = await waa(['--json', 'pool-pause']);
    measure('pool-pause', paused.seconds);
    expect(paused.result.exitCode, paused.result.stderr).toBe(0);
    await machine.sh('service docker restart; timeout 30 sh -c "until docker version; do sleep 0.2; done"');
    await machine.sh('docker rm winarena');
    const resumed = await waa(['--json', 'pool-resume']);
    measure('pool-resume without its container', resumed.seconds);
    expect(resumed.result.exitCode, resumed.result.stderr).toBe(0);
    expect(ofType(resumed.events, 'layer.fault')).toEqual([]);
    await menderOf(rig).sameWindows(before);
  });
}

/** Ends with a container that was stopped. */
export function stopSuite(rig: () => Rig): void {
  it('a stop reaches dockur behind the shell of PID 1, and Windows shuts down in time', async () => {
    const { machine } = rig();
    const began = performance.now();
    const engine = createDockerEngine(() => openUnix(machine.path('/run/docker.sock')));
    await stopDockur(engine, 'winarena', Deadline.none(realClock));
    measure('stop of the container', (performance.now() - began) / 1000);
    expect(await machine.sh("docker inspect -f '{{.State.ExitCode}}' winarena")).toBe('143');
    const log = await machine.sh('docker logs --tail 200 winarena 2>&1');
    expect(log.split('\n').at(-1)).toContain('Shutdown completed!');
    expect(log.split('ACPI shutdown signal').at(-1)).not.toContain('still running');
  });
}

/** Last of all. */
export function endSuite(rig: () => Rig): void {
  it('nothing of ours is left after down', async () => {
    const { machine, waa } = rig();
    const { result, seconds } = await waa(['--json', 'down', '--yes']);
    measure('down', seconds);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(await machine.sh(`ls ${QUOTED_DATA} /var/lib/waa 2>/dev/null || true; docker ps -aq`)).toBe('');
  });
}
