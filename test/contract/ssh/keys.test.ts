import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKeyPair } from '../../../src/clients/ssh/generate-key-pair.js';
import { ensureKeyPair, inspectKeyPair, readPublicKey, repairKeyPair } from '../../../src/clients/ssh/keys.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { vmChecks } from '../../../src/layers/vm/preflight.js';

describe('SSH keys on this machine', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'waa-keys-'));
    path = join(directory, 'ssh', 'id_ed25519');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('makes a private pair once and leaves it alone afterwards', async () => {
    expect(await ensureKeyPair(path)).toEqual({ created: true });
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await ensureKeyPair(path)).toEqual({ created: false });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('gives the public half that stands beside the private one', async () => {
    await ensureKeyPair(path);
    const beside = await readFile(`${path}.pub`, 'utf8');
    expect((await readPublicKey(path)).split(' ')[1]).toBe(beside.split(' ')[1]);
    expect(await inspectKeyPair(path)).toMatchObject({ ok: true, type: 'ssh-ed25519' });
  });

  it('makes only pairs that can be read back', async () => {
    const pairs = await Promise.all(Array.from({ length: 600 }, () => generateKeyPair('x')));
    expect(pairs.every((pair) => pair.private.includes('OPENSSH'))).toBe(true);
  });

  const problemOf = async (): Promise<string> => {
    const seen = await inspectKeyPair(path);
    return seen.ok ? 'none' : seen.problem.code;
  };
  it.each<[string, () => Promise<void>, string]>([
    ['missing', () => rm(path), 'VM_SSH_KEY_MISSING'],
    ['readable by others', () => chmod(path, 0o644), 'VM_SSH_KEY_PERMISSIONS'],
    ['damaged', () => writeFile(path, '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n'), 'VM_SSH_KEY_INVALID'],
    ['empty', () => writeFile(path, ''), 'VM_SSH_KEY_INVALID'],
    ['a public key', async () => writeFile(path, await readFile(`${path}.pub`)), 'VM_SSH_KEY_INVALID'],
    [
      'of a type Azure refuses',
      () =>
        writeFile(
          path,
          generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }),
        ),
      'VM_SSH_KEY_INVALID',
    ],
    [
      'too short an RSA key',
      () =>
        writeFile(
          path,
          generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
        ),
      'VM_SSH_KEY_INVALID',
    ],
    [
      'beside a foreign public half',
      async () => writeFile(`${path}.pub`, (await generateKeyPair('other')).public),
      'VM_SSH_KEY_MISMATCH',
    ],
  ])('names a key that is %s', async (_name, spoil, code) => {
    await ensureKeyPair(path);
    await spoil();
    expect(await problemOf()).toBe(code);
  });

  it.each<[string, () => Promise<void>]>([
    ['a missing pair', () => rm(path)],
    ['open permissions', () => chmod(path, 0o644)],
    ['a foreign public half', () => writeFile(`${path}.pub`, 'ssh-ed25519 AAAA x')],
  ])('repairs %s', async (_name, spoil) => {
    await ensureKeyPair(path);
    await spoil();
    await repairKeyPair(path);
    expect(await problemOf()).toBe('none');
  });

  it.each([
    [true, 'pass'],
    [false, 'problem'],
  ] as const)(
    'is what preflight P7 looks at; a missing key that may be made (%s) is a %s',
    async (sshKeyMayBeMade, outcome) => {
      const context = {
        sshKeyPath: path,
        sshKeyMayBeMade,
        sshKeys: { inspect: inspectKeyPair, repair: repairKeyPair },
      };
      const check = vmChecks.find((candidate) => candidate.requirement === 'P7');
      const deadline = Deadline.after(1000, createManualClock());
      expect(await check?.run(context, deadline)).toMatchObject({ outcome });
      await check?.fix?.(context, deadline);
      expect(await check?.run(context, deadline)).toMatchObject({ outcome: 'pass' });
    },
  );
});
