import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.js';
import {
  budgetLeftMs,
  costPerTask,
  costUntil,
  isBilled,
  projectedUsd,
  type StateInterval,
} from '../../../src/deployment/cost.js';
import {
  resourceGroupName,
  validateDeploymentName,
  vmName,
  workerNames,
  workerOfVm,
} from '../../../src/deployment/names.js';
import { buildWorkerPlan } from '../../../src/deployment/plan.js';
import { readTags, withExpiry } from '../../../src/deployment/tags.js';
import { planFingerprint, stableHash } from '../../../src/layers/fingerprint.js';
import { workerTags } from '../../../src/layers/worker-tags.js';
import { WaaError } from '../../../src/failures/waa-error.js';

const HOUR = 3_600_000;

describe('deployment names', () => {
  it.each(['demo', 'baseline-2', 'a', 'x1-y2-z3'])('%s is accepted', (name) => {
    expect(validateDeploymentName(name)).toBe(name);
  });
  it.each(['', 'Demo', '2fast', '-a', 'a-', 'a--b', 'a b', 'a_b', 'ünder', 'a/../b', 'my-windows-run', 'x'.repeat(25)])(
    '%j is refused',
    (name) => {
      expect(() => validateDeploymentName(name)).toThrow(WaaError);
    },
  );
  it('of anything accepted fit Azure’s rules for groups, hosts and disks', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,23}$/), fc.nat(99), (name, index) => {
        try {
          validateDeploymentName(name);
        } catch {
          return;
        }
        expect(resourceGroupName(name)).toMatch(/^[-\w.()]{1,90}$/);
        expect(vmName(name, `w${index}`)).toMatch(/^[a-z][a-z0-9-]{0,62}[a-z0-9]$/);
        expect(workerOfVm(name, vmName(name, `w${index}`))).toBe(`w${index}`);
      }),
    );
  });
  it('does not take a VM of a deployment whose name begins the same', () => {
    expect(workerOfVm('demo', vmName('demo-2', 'w0'))).toBeUndefined();
    expect(workerOfVm('demo', 'waa-demo-w0-nic')).toBeUndefined();
  });
  it.each([0, -1, 1.5, 101, Number.NaN])('%s is no number of workers', (count) => {
    expect(() => workerNames(count)).toThrow(WaaError);
  });
});

describe('plan, fingerprint, tags', () => {
  const parts = {
    deployment: 'demo',
    worker: 'w0',
    owner: 'ada',
    config: configSchema.parse({}),
    sshPublicKey: 'ssh-ed25519 AAAA\n',
    createdAtMs: 0,
  };
  it('fingerprints what a VM cannot change, and nothing else', () => {
    const base = planFingerprint(buildWorkerPlan(parts));
    expect(planFingerprint(buildWorkerPlan({ ...parts, worker: 'w7', owner: 'bob' }))).toBe(base);
    expect(planFingerprint(buildWorkerPlan({ ...parts, vmSize: 'Standard_D8s_v5' }))).not.toBe(base);
    expect(planFingerprint(buildWorkerPlan({ ...parts, sshPublicKey: 'ssh-ed25519 BBBB' }))).not.toBe(base);
  });
  it('hashes independently of the order of keys and of undefined members', () => {
    expect(stableHash({ a: 1, b: { c: [1, 2], d: undefined } })).toBe(stableHash({ b: { c: [1, 2] }, a: 1 }));
    expect(stableHash({ a: [1, 2] })).not.toBe(stableHash({ a: [2, 1] }));
  });
  it('reads back from tags what it wrote there', () => {
    const plan = buildWorkerPlan(parts);
    expect(readTags(workerTags(plan))).toEqual({
      deployment: 'demo',
      owner: 'ada',
      createdAt: '1970-01-01T00:00:00.000Z',
      expiresAt: '1970-01-15T00:00:00.000Z',
      fingerprint: planFingerprint(plan),
    });
  });
  it('takes nothing without our tag for ours, and no nonsense for a date', () => {
    expect(readTags({ owner: 'ada' })).toBeUndefined();
    expect(readTags({ 'waa-deployment': 'demo', 'waa-expires': 'soon' })?.expiresAt).toBeUndefined();
  });
  it('moves the expiry and keeps foreign tags', () => {
    expect(withExpiry({ 'WAA-Expires': 'x', team: 'a' }, 0)).toEqual({
      team: 'a',
      'waa-expires': '1970-01-01T00:00:00.000Z',
    });
  });
});

describe('cost', () => {
  const prices = { vmUsdPerHour: 0.4, storageUsdPerDay: 2.4 };
  const life: readonly StateInterval[] = [
    { worker: 'w0', power: 'running', fromMs: 0, toMs: 2 * HOUR },
    { worker: 'w0', power: 'deallocated', fromMs: 2 * HOUR },
  ];
  it('bills compute while allocated and storage as long as it exists', () => {
    const cost = costUntil(life, prices, 10 * HOUR);
    expect(cost.computeUsd).toBeCloseTo(0.8);
    expect(cost.storageUsd).toBeCloseTo(1);
    expect(cost.hourlyUsd).toBeCloseTo(0.1);
    expect(cost.billedHours).toBe(2);
  });
  it.each([
    ['running', true],
    ['stopped', true],
    ['stopping', true],
    ['unknown', true],
    ['deallocating', true],
    ['deallocated', false],
  ] as const)('a VM that is %s is billed: %s', (power, billed) => {
    expect(isBilled(power)).toBe(billed);
  });
  it('is never negative, whatever the intervals', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ fromMs: fc.integer(), toMs: fc.integer() })), (rows) => {
        expect(
          costUntil(
            rows.map((row) => ({ worker: 'w', power: 'running', ...row })),
            prices,
            0,
          ).totalUsd,
        ).toBeGreaterThanOrEqual(0);
      }),
    );
  });
  it('foretells spending and the moment a budget ends', () => {
    const cost = costUntil([{ worker: 'w0', power: 'running', fromMs: 0 }], prices, HOUR);
    expect(projectedUsd(cost, HOUR, 3 * HOUR)).toBeCloseTo(1.5);
    expect(budgetLeftMs(cost, 1)).toBeCloseTo(HOUR);
    expect(budgetLeftMs(cost, 0.1)).toBe(0);
    expect(budgetLeftMs(costUntil([], prices, HOUR), 1)).toBeUndefined();
  });
  it('shares VM time among tasks by their durations', () => {
    const [whole = 0, half = 0] = costPerTask([HOUR, HOUR / 2], prices);
    expect(whole).toBeCloseTo(0.5);
    expect(half).toBeCloseTo(0.25);
  });
});
