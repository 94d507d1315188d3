import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ParsedKey } from 'ssh2';
import { fail, WaaError } from '../../failures/waa-error.js';
import { generateKeyPair } from './generate-key-pair.js';

/** What a key pair on disk is, for the check that precedes its use. */
export type KeyInspection =
  | { readonly ok: true; readonly type: string; readonly publicKey: string }
  | { readonly ok: false; readonly problem: WaaError };

/** Azure accepts ed25519 and RSA of 2048 bits and more. https://learn.microsoft.com/azure/virtual-machines/linux/ed25519-ssh-keys */
const TYPES: ReadonlySet<string> = new Set(['ssh-ed25519', 'ssh-rsa']);
/** An ssh-rsa public blob of 2048 bits is 279 bytes long. */
const MIN_RSA_BLOB_BYTES = 279;

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** The private key's text. Raises VM_SSH_KEY_MISSING. */
export async function readPrivateKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw isMissing(error)
      ? fail('VM_SSH_KEY_MISSING', { path }, { cause: error })
      : fail('VM_SSH_KEY_INVALID', { path, reason: (error as Error).message }, { cause: error });
  }
}

async function parse(path: string): Promise<ParsedKey> {
  const text = await readPrivateKey(path);
  const { default: ssh2 } = await import('ssh2');
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw fail('VM_SSH_KEY_INVALID', { path, reason: key.message }, { cause: key });
  if (!key.isPrivateKey()) throw fail('VM_SSH_KEY_INVALID', { path, reason: 'it is a public key' });
  if (!TYPES.has(key.type))
    throw fail('VM_SSH_KEY_INVALID', { path, reason: `Azure does not accept keys of type ${key.type}` });
  if (key.type === 'ssh-rsa' && key.getPublicSSH().length < MIN_RSA_BLOB_BYTES) {
    throw fail('VM_SSH_KEY_INVALID', { path, reason: 'RSA keys need at least 2048 bits' });
  }
  return key;
}

function publicLine(key: ParsedKey): string {
  return `${key.type} ${key.getPublicSSH().toString('base64')} ${key.comment || 'waa'}`;
}

/** The public half of a private key as one authorized_keys line, computed from the private half. Raises VM_SSH_KEY_*. */
export async function readPublicKey(path: string): Promise<string> {
  return publicLine(await parse(path));
}

/** Looks at a key pair: exists, a type Azure takes, private to its owner, public half matching. Never throws for those. */
export async function inspectKeyPair(path: string): Promise<KeyInspection> {
  try {
    const key = await parse(path);
    const mode = (await stat(path)).mode & 0o777;
    // Windows has no such mode bits; Node reports 0666 there.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      return { ok: false, problem: fail('VM_SSH_KEY_PERMISSIONS', { path, mode: mode.toString(8).padStart(4, '0') }) };
    }
    const beside = await readFile(`${path}.pub`, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw fail('VM_SSH_KEY_INVALID', { path: `${path}.pub`, reason: (error as Error).message }, { cause: error });
    });
    const blob = key.getPublicSSH().toString('base64');
    if (beside !== undefined && beside.trim().split(/\s+/)[1] !== blob)
      return { ok: false, problem: fail('VM_SSH_KEY_MISMATCH', { path }) };
    return { ok: true, type: key.type, publicKey: publicLine(key) };
  } catch (error) {
    if (error instanceof WaaError) return { ok: false, problem: error };
    throw error;
  }
}

/** Makes an ed25519 pair (0600, folder 0700) when the private key is missing; an existing one is never touched. */
export async function ensureKeyPair(path: string): Promise<{ readonly created: boolean }> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const pair = await generateKeyPair('waa');
  // Written aside and linked, which never replaces: whoever is killed leaves a whole key or none.
  const aside = `${path}.${randomUUID()}.new`;
  try {
    await writeFile(aside, pair.private, { mode: 0o600 });
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return { created: false };
    throw fail('VM_SSH_KEY_INVALID', { path, reason: (error as Error).message }, { cause: error });
  } finally {
    await rm(aside, { force: true });
  }
  await writeFile(`${path}.pub`, `${pair.public}\n`, { mode: 0o644 });
  return { created: true };
}

/** Repairs what is safe: makes a missing pair, takes others' rights away, rewrites a public half that does not match. */
export async function repairKeyPair(path: string): Promise<string> {
  if ((await ensureKeyPair(path)).created) return `made ${path}`;
  await chmod(path, 0o600);
  await writeFile(`${path}.pub`, `${await readPublicKey(path)}\n`, { mode: 0o644 });
  return `set ${path} to mode 0600 and rewrote its public half`;
}
