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
import { newClock } from '../../helpers/lab-machine.js';
import type { SshTarget } from '../ssh/target.js';

/** A host whose scripts are really run, or emulated by the lab. */
export interface HostTarget extends SshTarget {
  /** Absolute path of a `storage` directory on the target, with nothing in it; its name needs quoting. */
  readonly storage: string;
  /** Puts a file on the target. */
  put(path: string, text: string): Promise<void>;
  /** Paths of files below a directory of the target. */
  list(directory: string): Promise<readonly string[]>;
}

/** What HostTools promises on any host. Only what changes nothing outside the target's own directory. */
export function hostSuite(name: string, setup: () => Promise<HostTarget>): void {
  describe(`host tools on ${name}`, () => {
    let target: HostTarget;
    let links: SshLinks;
    let link: SshLink;
    let tools: HostTools;
    let deadline: Deadline;

    beforeEach(async () => {
      target = await setup();
      const clock = newClock();
      deadline = Deadline.after(60_000, clock);
      const knownHosts = createKnownHosts(join(target.directory, 'known_hosts'));
      links = createSshLinks({ dial: target.dial, clock, privateKeyPath: target.privateKeyPath, knownHosts });
      link = await links.open(target.address, deadline);
      tools = createHostTools({ runner: createScriptRunner(() => loadHostScripts()), dataDirectory: '/data' });
    });
    afterEach(async () => {
      await links.close();
      await target.dispose();
    });

    it('reads the facts', async () => {
      const facts = await tools.facts(link, deadline);
      expect(facts.bootId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(facts.cpuCores).toBeGreaterThan(0);
      expect(facts.memoryMb).toBeGreaterThan(500);
      expect(facts.mounts[0]).toMatchObject({ path: '/' });
      expect(facts.mounts[0]?.sizeBytes).toBeGreaterThan(facts.mounts[0]?.freeBytes ?? 0);
    });

    it('answers the KVM test with a reason of the list', async () => {
      const seen = await tools.kvmSelftest(link, deadline);
      const reasons = ['ok', 'missing', 'unwritable', 'no-cpu-flag', 'create-vm-failed', 'run-failed', 'no-tool'];
      expect(reasons).toContain(seen.reason);
      expect(seen.usable).toBe(seen.reason === 'ok');
    });

    it('sees a storage directory that does not exist', async () => {
      const nowhere = `${target.storage}/nowhere/storage`;
      const seen = await tools.storage(link, nowhere, deadline);
      expect(seen).toMatchObject({ exists: false, hasDisk: false, installedMarker: false });
    });

    it('sees disk, base and version of a Windows without its marker', async () => {
      await target.put(`${target.storage}/data.img`, 'x');
      await target.put(`${target.storage}/windows.base`, 'win11x64-enterprise-eval.iso\n');
      await target.put(`${target.storage}/windows.ver`, '11e\n');
      expect(await tools.storage(link, target.storage, deadline)).toMatchObject({
        exists: true,
        hasDisk: true,
        installedMarker: false,
        base: 'win11x64-enterprise-eval.iso',
        version: '11e',
        begunS: expect.any(Number) as unknown,
      });
    });

    it('marks an installed Windows, and again without harm', async () => {
      await target.put(`${target.storage}/data.img`, 'x');
      await tools.markInstalled(link, target.storage, deadline);
      await tools.markInstalled(link, target.storage, deadline);
      expect(await tools.storage(link, target.storage, deadline)).toMatchObject({ installedMarker: true });
    });

    it('does not mark a directory without a disk', async () => {
      await target.put(`${target.storage}/windows.base`, 'x');
      await expect(tools.markInstalled(link, target.storage, deadline)).rejects.toMatchObject({
        code: 'VM_HOST_SCRIPT_FAILED',
        params: { script: 'mark-installed', reason: 'no-disk' },
      });
    });

    it('resets storage but keeps the install media', async () => {
      for (const file of ['data.img', 'windows.boot', 'windows.vars', 'win11x64.iso'])
        await target.put(`${target.storage}/${file}`, 'x');
      await tools.resetStorage(link, target.storage, deadline);
      expect(await target.list(target.storage)).toEqual([`${target.storage}/win11x64.iso`]);
    });

    it('refuses to reset what is no storage directory', async () => {
      await expect(tools.resetStorage(link, '/', deadline)).rejects.toMatchObject({
        params: { reason: 'usage', exitCode: 64 },
      });
    });

    it('reads at most the bytes asked for', async () => {
      await target.put(`${target.storage}/screen.png`, '0123456789');
      const bytes = await tools.readFile(link, `${target.storage}/screen.png`, 4, deadline);
      expect(Buffer.from(bytes).toString()).toBe('0123');
    });

    it('names a file that is not there', async () => {
      await expect(tools.readFile(link, '/no/such/file', 4, deadline)).rejects.toMatchObject({
        params: { reason: 'not-found' },
      });
    });

    it('collects the logs of the host', async () => {
      const logs = await tools.hostLogs(link, deadline);
      expect(Object.keys(logs).sort()).toEqual([
        'apt',
        'cloud-init',
        'cloud-init-output',
        'disks',
        'docker',
        'kernel',
        'memory',
      ]);
    });

    it('installs its scripts once for many callers', async () => {
      const all = await Promise.all([1, 2, 3, 4].map(() => tools.facts(link, deadline)));
      expect(new Set(all.map((facts) => facts.bootId)).size).toBe(1);
    });
  });
}
