import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import type { DockerEngine } from '../../../src/clients/docker-engine/docker-engine.js';
import { Deadline } from '../../../src/health/deadline.js';
import { stopDockur, TELL_DOCKUR } from '../../../src/layers/stop-dockur.js';

async function stopped(state: string | undefined): Promise<readonly string[]> {
  const did: string[] = [];
  const engine = {
    inspectContainer: async () => (state === undefined ? undefined : { state }),
    exec: async (_id: string, [shell]: readonly string[]) => {
      did.push(`exec ${shell ?? ''}`);
      return { exitCode: 0, stdout: '', stderr: '' };
    },
    stopContainer: async (_id: string, seconds: number) => void did.push(`stop ${seconds}`),
  } as unknown as DockerEngine;
  await stopDockur(engine, 'winarena', Deadline.none(createManualClock()));
  return did;
}

describe('stopping the container', () => {
  it('tells dockur itself before Docker, which only reaches the first process', async () => {
    expect(await stopped('running')).toEqual(['exec sh', 'stop 120']);
  });

  it.each(['exited', 'paused', 'created', undefined])('runs nothing in a container that is %s', async (state) => {
    expect(await stopped(state)).toEqual(['stop 120']);
  });

  it('finds dockur by the same two lines as the host does while no daemon answers', async () => {
    const host = await readFile(new URL('../../../src/host/scripts/docker-start.sh', import.meta.url), 'utf8');
    for (const line of [
      "for pid in $(ls /proc | grep -E '^[0-9]+$' | sort -n)",
      String.raw`^[a-z/]*bash /run/entry\.sh `,
    ]) {
      expect(TELL_DOCKUR).toContain(line);
      expect(host).toContain(line);
    }
  });
});
