import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKnownHosts, type KnownHosts } from '../../../src/clients/ssh/known-hosts.js';

const KEY = { type: 'ssh-ed25519', base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIAAA' };
const HOSTS = Array.from({ length: 20 }, (_, index) => `203.0.113.${index + 1}`);

describe('the known_hosts file of a deployment', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'waa-known-'));
    path = join(directory, 'known_hosts');
  });
  afterEach(() => rm(directory, { recursive: true }));

  const pinned = async (file: KnownHosts): Promise<string[]> => {
    const keys = await Promise.all(HOSTS.map((host) => file.find(host, 22)));
    return HOSTS.filter((_host, index) => keys[index]?.length === 1);
  };

  it('keeps the pins of writers that know nothing of each other', async () => {
    await Promise.all(HOSTS.map((host) => createKnownHosts(path).pin(host, 22, KEY)));
    expect(await pinned(createKnownHosts(path))).toEqual(HOSTS);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('forgets one host while others are pinned', async () => {
    const file = createKnownHosts(path);
    const [recreated = '', ...others] = HOSTS;
    await file.pin(recreated, 22, KEY);
    await Promise.all([file.forget(recreated, 22), ...others.map((host) => file.pin(host, 22, KEY))]);
    expect(await pinned(file)).toEqual(others);
  });

  it('begins a line of its own after one that has no end', async () => {
    await writeFile(path, 'other.example ssh-ed25519 AAAA');
    await createKnownHosts(path).pin('203.0.113.1', 22, KEY);
    expect(await readFile(path, 'utf8')).toBe(
      `other.example ssh-ed25519 AAAA\n203.0.113.1 ${KEY.type} ${KEY.base64}\n`,
    );
  });
});
