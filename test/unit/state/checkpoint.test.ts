import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/state/checkpoint.js';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waa-checkpoint-'));
  file = join(home, 'checkpoint.json');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const proven = { fingerprint: 'f1', outputs: { id: '/subscriptions/s' }, identity: 'boot-1', verifiedAt: 7 };

describe('checkpoint', () => {
  it('is empty at first and makes no file', async () => {
    const checkpoint = await openCheckpoint(file);
    expect(checkpoint.workers()).toEqual([]);
    expect(checkpoint.memory('w0', 'vm').resumeToken('create')).toBeUndefined();
    expect(checkpoint.verified('w0', 'vm')).toBeUndefined();
    expect(checkpoint.milestones('w0')).toEqual({});
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
  });

  it('has a resume token on disk before the promise resolves', async () => {
    const memory = (await openCheckpoint(file)).memory('w0', 'vm');
    await memory.saveResumeToken('create', 'poller');
    expect((await openCheckpoint(file)).memory('w0', 'vm').resumeToken('create')).toBe('poller');
    await memory.saveResumeToken('create', undefined);
    expect((await openCheckpoint(file)).memory('w0', 'vm').resumeToken('create')).toBeUndefined();
  });

  it('keeps the tokens of layers and workers apart', async () => {
    const checkpoint = await openCheckpoint(file);
    await checkpoint.memory('w0', 'vm').saveResumeToken('create', 'a');
    await checkpoint.memory('w1', 'vm').saveResumeToken('create', 'b');
    await checkpoint.memory('w0', 'azure').saveResumeToken('create', 'c');
    expect(checkpoint.memory('w0', 'vm').resumeToken('create')).toBe('a');
  });

  it('loses no change of workers that save at the same time', async () => {
    const checkpoint = await openCheckpoint(file);
    const workers = Array.from({ length: 20 }, (_, index) => `w${index}`);
    await Promise.all(workers.map((worker) => checkpoint.memory(worker, 'vm').saveResumeToken('create', worker)));
    const again = await openCheckpoint(file);
    expect(workers.map((worker) => again.memory(worker, 'vm').resumeToken('create'))).toEqual(workers);
  });

  it('remembers what was proven, layer by layer', async () => {
    const checkpoint = await openCheckpoint(file);
    await checkpoint.saveVerified('w0', 'azure', proven);
    const again = await openCheckpoint(file);
    expect(again.verified('w0', 'azure')).toEqual(proven);
    expect(again.verified('w0', 'vm')).toBeUndefined();
  });

  it('forgets the tokens of one layer at once, and nothing else', async () => {
    const checkpoint = await openCheckpoint(file);
    await checkpoint.memory('w0', 'vm').saveResumeToken('vm-create', 'a');
    await checkpoint.memory('w0', 'qemu').saveResumeToken('windows-install', 'b');
    await checkpoint.saveVerified('w0', 'vm', proven);
    await checkpoint.forgetTokens('w0', 'vm');
    await checkpoint.forgetTokens('w9', 'vm');
    const again = await openCheckpoint(file);
    expect(again.memory('w0', 'vm').resumeToken('vm-create')).toBeUndefined();
    expect(again.memory('w0', 'qemu').resumeToken('windows-install')).toBe('b');
    expect(again.verified('w0', 'vm')).toEqual(proven);
    expect(again.workers()).toEqual(['w0']);
  });

  it('notes milestones, and forgets a worker', async () => {
    const checkpoint = await openCheckpoint(file);
    await checkpoint.reach('w0', 'vm_created', 5);
    expect((await openCheckpoint(file)).milestones('w0')).toEqual({ vm_created: 5 });
    await checkpoint.forgetWorker('w0');
    expect((await openCheckpoint(file)).workers()).toEqual([]);
  });

  it('goes on saving after a write that failed', async () => {
    const blocked = join(home, 'deep');
    writeFileSync(blocked, '');
    const checkpoint = await openCheckpoint(join(home, 'deep2', 'checkpoint.json'));
    const failing = await openCheckpoint(join(home, 'none.json'));
    await failing.reach('w0', 'vm_created', 1);
    rmSync(join(home, 'none.json'));
    await failing.reach('w0', 'waa_ready', 2);
    expect((await openCheckpoint(join(home, 'none.json'))).milestones('w0')).toEqual({ vm_created: 1, waa_ready: 2 });
    writeFileSync(join(home, 'deep2'), '');
    await expect(checkpoint.reach('w0', 'vm_created', 1)).rejects.toMatchObject({ code: 'OWN_STATE_UNWRITABLE' });
    rmSync(join(home, 'deep2'));
    await checkpoint.reach('w0', 'waa_ready', 2);
    expect((await openCheckpoint(join(home, 'deep2', 'checkpoint.json'))).milestones('w0')).toEqual({
      vm_created: 1,
      waa_ready: 2,
    });
  });

  it('is never reset when it is damaged', async () => {
    writeFileSync(file, 'garbage');
    await expect(openCheckpoint(file)).rejects.toMatchObject({ code: 'OWN_STATE_CORRUPT' });
    expect(readFileSync(file, 'utf8')).toBe('garbage');
  });
});
