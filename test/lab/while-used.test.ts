import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ArmClient } from '../../src/clients/arm/arm.js';
import { prepareRecord } from '../../src/operations/prepare-record.js';
import { judgeGroup } from '../../src/operations/sweep-look.js';
import { whileUsed } from '../../src/operations/while-used.js';
import { withDeployment } from '../../src/operations/with-deployment.js';
import { loadDeployment } from '../../src/state/deployment.js';
import { lastUseMs } from '../../src/state/last-use.js';
import { vmOf } from '../helpers/fake-arm-client.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let rig: LabRig;
beforeAll(async () => {
  rig = await startLabRig({}, { WAA_AZURE_AUTO_PAUSE_HOURS: '23' });
});
afterAll(() => rig.close());

it('a shell somebody opens is a use of its deployment, and gives its worker one lease', async () => {
  const { session } = await rig.open();
  const iso = (fromNowMs: number): string => new Date(session.clock.now() + fromNowMs).toISOString();
  await prepareRecord(session, 'test');
  const { createdAt } = await loadDeployment(session.paths, 'test');
  const tags = { 'waa-deployment': 'test', 'waa-created': createdAt, 'waa-expires': iso(14 * DAY) };
  const seen = {
    group: { name: 'waa-test', region: 'eastus', tags, provisioningState: 'Succeeded' },
    tags: { deployment: 'test', owner: 'tester', createdAt, expiresAt: iso(14 * DAY), fingerprint: undefined },
    vms: [vmOf('waa-test', 'waa-test-w0', 'running')],
    guarded: new Set(['waa-test-w0']),
    leftovers: [],
  };
  const guarded: string[] = [];
  const schedules: Pick<ArmClient, 'getShutdownSchedule' | 'putShutdownSchedule'> = {
    getShutdownSchedule: () => Promise.resolve(undefined),
    putShutdownSchedule: (_group, vm) => {
      guarded.push(vm);
      return Promise.resolve();
    },
  };
  await session.clock.sleep(60_000, session.signal);
  const endMs = await withDeployment(session, { name: 'test', exclusive: false }, (open) => {
    const ports = { ...open.ports, arm: { ...open.ports.arm, ...schedules } };
    return whileUsed(session, { ...open, ports }, open.workers, (leaseEnd) => leaseEnd);
  });
  expect(guarded).toEqual(['waa-test-w0']);
  const usedAt = await lastUseMs(session.paths.deployment('test').used);
  expect(endMs).toBeGreaterThan(usedAt + 22 * HOUR);
  const judged = async (nowMs: number) => (await judgeGroup(session, seen, { nowMs, idleMs: HOUR })).findings;
  expect(await judged(usedAt + HOUR - 1)).toEqual([]);
  expect(await judged(usedAt + HOUR)).toMatchObject([{ action: 'pause' }]);
  await session.close();
});
