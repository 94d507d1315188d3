import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKnownHosts } from '../../../src/clients/ssh/known-hosts.js';
import { createSshLinks } from '../../../src/clients/ssh/links.js';
import type { SshLink, SshLinks } from '../../../src/clients/ssh/ssh.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createHostTools } from '../../../src/host/create-host-tools.js';
import type { HostTools } from '../../../src/host/host-tools.js';
import { createScriptRunner } from '../../../src/host/script-runner.js';
import { loadHostScripts } from '../../../src/host/scripts.js';
import { withSocketAccess } from '../../../src/host/socket-access.js';
import { newClock } from '../../helpers/lab-machine.js';
import { type LabTarget, startLabTarget } from '../ssh/lab-target.js';
import { type HostTarget, hostSuite } from './suite.js';

async function startLabHost(): Promise<HostTarget> {
  const target = await startLabTarget();
  return {
    ...target,
    storage: "/da ta's/waa/storage",
    put: async (path, text) => {
      target.machine.writeFile(path, text);
    },
    list: async (directory) => target.machine.listFiles(directory),
  };
}

hostSuite('the lab', startLabHost);

describe('host tools that change an emulated host', () => {
  let target: LabTarget;
  let links: SshLinks;
  let link: SshLink;
  let tools: HostTools;
  let deadline: Deadline;

  /** Lets lab time pass until `work` is done: the scripts' stand-ins take their time. */
  const inLabTime = async <T>(work: Promise<T>): Promise<T> => {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    watched.catch(() => undefined);
    const isDone = (): boolean => done;
    while (!isDone()) {
      await new Promise((resolve) => setImmediate(resolve));
      target.pass(500);
    }
    return watched;
  };

  beforeEach(async () => {
    target = await startLabTarget();
    const clock = newClock();
    deadline = Deadline.after(600_000, clock);
    const knownHosts = createKnownHosts(join(target.directory, 'known_hosts'));
    const runner = createScriptRunner(() => loadHostScripts());
    links = withSocketAccess(
      createSshLinks({ dial: target.dial, clock, privateKeyPath: target.privateKeyPath, knownHosts }),
      runner,
    );
    link = await links.open(target.address, deadline);
    tools = createHostTools({ runner, dataDirectory: '/data' });
  });
  afterEach(async () => {
    await links.close();
    await target.dispose();
  });

  it('prepares the data disk, and again without formatting', async () => {
    await inLabTime(tools.prepareDataDisk(link, 0, '/data', deadline));
    target.machine.writeFile('/data/waa/storage/data.img', 'precious');
    await inLabTime(tools.prepareDataDisk(link, 0, '/data', deadline));
    expect(target.machine.readFile('/data/waa/storage/data.img')?.content.toString()).toBe('precious');
    const facts = await tools.facts(link, deadline);
    expect(facts.mounts.map((mount) => mount.path)).toEqual(['/', '/data']);
  });

  it('names a data disk that is not there', async () => {
    await expect(inLabTime(tools.prepareDataDisk(link, 5, '/data', deadline))).rejects.toMatchObject({
      code: 'VM_DATA_DISK_MISSING',
    });
  });

  it('does not touch a disk of somebody else', async () => {
    const disk = target.machine.spec.dataDisks[0]?.disk;
    if (!disk) throw new Error('no data disk');
    disk.formatted = true;
    disk.label = 'photos';
    await expect(inLabTime(tools.prepareDataDisk(link, 0, '/data', deadline))).rejects.toMatchObject({
      code: 'VM_DATA_DISK_FOREIGN',
    });
    expect(disk.label).toBe('photos');
  });

  it('installs Docker with its data on the data disk', async () => {
    await inLabTime(tools.prepareDataDisk(link, 0, '/data', deadline));
    await inLabTime(tools.installDocker(link, '/data/docker', deadline));
    expect(target.docker.dataRoot).toBe('/data/docker');
    expect((await tools.facts(link, deadline)).docker).toMatchObject({ installed: true, active: true });
  });

  it('downloads Windows to where dockur takes it from, and only where it is not installed', async () => {
    const media = {
      file: 'win11x64-enterprise-eval.iso',
      bytes: 7_092_807_680,
      sha256: 'ab'.repeat(32),
      url: 'https://x',
    };
    const step = (what: 'start' | 'status') => tools.media(link, what, '/data/waa/storage', media, deadline);
    await inLabTime(tools.prepareDataDisk(link, 0, '/data', deadline));
    expect(await step('status')).toMatchObject({ state: 'absent', totalBytes: media.bytes });
    expect(await step('start')).toMatchObject({ state: 'running' });
    target.pass(90_000);
    const halfWay = await step('status');
    expect(halfWay.state).toBe('running');
    expect(halfWay.doneBytes).toBeGreaterThan(0);
    target.pass(300_000);
    expect(await step('status')).toMatchObject({ state: 'done' });
    expect(target.machine.readFile('/data/waa/storage/win11x64-enterprise-eval.iso')).toBeDefined();
  });

  it('waits for the end of first boot when asked to', async () => {
    const facts = await inLabTime(tools.facts(link, deadline, 600));
    expect(facts.cloudInit.status).toBe('done');
  });

  it('tells a daemon that is starting from one that is up', async () => {
    target.docker.startsByHand = true;
    target.docker.install('/data/docker');
    expect((await tools.facts(link, deadline)).docker).toMatchObject({ active: false, startingS: 0 });
    target.docker.settle('running');
    expect((await tools.facts(link, deadline)).docker).toMatchObject({ active: true, startingS: undefined });
  });

  it('starts a stopped daemon', async () => {
    await inLabTime(tools.installDocker(link, '/data/docker', deadline));
    target.docker.stopDaemon();
    await inLabTime(tools.startDocker(link, deadline));
    expect(target.docker.daemon).toBe('running');
  });

  it('says why a daemon that is not installed cannot be started', async () => {
    await expect(inLabTime(tools.startDocker(link, deadline))).rejects.toMatchObject({
      params: { reason: 'not-installed' },
    });
  });

  it('reports how much was freed', async () => {
    expect(await inLabTime(tools.cleanDisks(link, deadline))).toBe(0);
  });

  it('says that KVM is missing', async () => {
    target.machine.removeTree('/dev/kvm');
    expect(await inLabTime(tools.kvmSelftest(link, deadline))).toMatchObject({ usable: false, reason: 'missing' });
  });

  it('keeps a socket that does not exist refused', async () => {
    await expect(link.forwardUnix('/data/waa/run/nothing.sock', deadline)).rejects.toMatchObject({
      code: 'VM_FORWARD_REFUSED',
    });
  });
});
