import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKnownHosts } from '../../../src/clients/ssh/known-hosts.js';
import { createSshLinks } from '../../../src/clients/ssh/links.js';
import type { SshLinks } from '../../../src/clients/ssh/ssh.js';
import type { ManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { newClock } from '../../helpers/lab-machine.js';
import { type LabTarget, startLabTarget } from './lab-target.js';
import { sshSuite } from './suite.js';

sshSuite('the lab', startLabTarget);

describe('the network of the lab', () => {
  let target: LabTarget;
  let clock: ManualClock;
  let links: SshLinks;

  beforeEach(async () => {
    target = await startLabTarget();
    clock = newClock();
    const knownHosts = createKnownHosts(join(target.directory, 'known_hosts'));
    links = createSshLinks({ dial: target.dial, clock, privateKeyPath: target.privateKeyPath, knownHosts });
  });
  afterEach(async () => {
    await links.close();
    await target.dispose();
  });

  it('is silent where no rule lets us in', async () => {
    target.allowed = false;
    const call = links.open(target.address, Deadline.after(10_000, clock));
    const outcome = expect(call).rejects.toMatchObject({ code: 'VM_SSH_TIMEOUT', params: { seconds: 10 } });
    await clock.advance(10_000);
    await outcome;
  });

  it('is silent for an address nobody has', async () => {
    const call = links.open({ ...target.address, host: '203.0.113.99' }, Deadline.after(10_000, clock));
    const outcome = expect(call).rejects.toMatchObject({ code: 'VM_SSH_TIMEOUT' });
    await clock.advance(10_000);
    await outcome;
  });

  it('answers at a later knock who first knocked while the VM was off', async () => {
    target.machine.powerOff('hard', () => undefined);
    target.pass(1000);
    let outcome = '';
    const call = links.open(target.address, Deadline.after(600_000, clock)).then(
      () => (outcome = 'connected'),
      (error: unknown) => (outcome = (error as { code: string }).code),
    );
    // The next knock is the only thing that is going to happen in this world.
    while (target.simulation.nextAt === undefined) await new Promise((resolve) => setImmediate(resolve));
    target.machine.powerOn();
    while (outcome === '') {
      await new Promise((resolve) => setImmediate(resolve));
      target.pass(200);
    }
    await call;
    // sshd comes some seconds after the kernel: the knock may have met either.
    expect(['connected', 'VM_SSH_REFUSED']).toContain(outcome);
  });

  it('says nothing when power goes; the keepalive finds out', async () => {
    const link = await links.open(target.address, Deadline.after(60_000, clock));
    const stream = await link.stream(['sleep', '1000'], { deadline: Deadline.after(600_000, clock) });
    stream.stdout.resume();
    const outcome = expect(stream.exit).rejects.toMatchObject({ code: 'VM_SSH_DROPPED' });
    target.machine.powerOff('hard', () => undefined);
    target.pass(1000);
    await clock.advance(20_000);
    expect(link.closed).toBe(false);
    await clock.advance(30_000);
    expect(link.closed).toBe(true);
    await outcome;
  });

  it('keeps a connection whose keepalives are answered', async () => {
    const link = await links.open(target.address, Deadline.after(60_000, clock));
    for (let i = 0; i < 12; i += 1) {
      await clock.advance(10_000);
      // Lets the answer come in over the real socket before the next beat.
      await link.exec(['true'], { deadline: Deadline.after(1000, clock) });
    }
    expect(link.closed).toBe(false);
  });

  it('queues a ninth command and gives up at its deadline', async () => {
    const deadline = Deadline.after(60_000, clock);
    const sleeping = await Promise.all(
      Array.from({ length: 8 }, async () =>
        (await links.open(target.address, deadline)).stream(['sleep', '9'], { deadline }),
      ),
    );
    const link = await links.open(target.address, deadline);
    using short = Deadline.after(2000, clock);
    const ninth = link.exec(['true'], { deadline: short });
    const outcome = expect(ninth).rejects.toMatchObject({ code: 'VM_SSH_BUSY' });
    await clock.advance(2000);
    await outcome;
    for (const stream of sleeping) stream.abort();
  });

  it('breaks the connection during a command when told to (vm-ssh-dropped)', async () => {
    const deadline = Deadline.after(60_000, clock);
    const link = await links.open(target.address, deadline);
    target.simulation.faults.arm({ id: 'vm-ssh-dropped' });
    await expect(link.exec(['echo', 'x'], { deadline })).rejects.toMatchObject({ code: 'VM_SSH_DROPPED' });
    const again = await links.open(target.address, deadline);
    expect((await again.exec(['echo', 'x'], { deadline })).stdout).toBe('x\n');
  });

  it('answers a command line that needs a real shell with a syntax error', async () => {
    const deadline = Deadline.after(60_000, clock);
    const link = await links.open(target.address, deadline);
    expect((await link.exec(['sh', '-c', 'echo $HOME'], { deadline })).exitCode).toBe(2);
  });
});
