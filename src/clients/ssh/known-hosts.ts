import { createHash, createHmac } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';

/** A host key as the wire and known_hosts carry it. */
export interface HostKey {
  /** e.g. `ssh-ed25519`. */
  readonly type: string;
  /** The key blob, base64. */
  readonly base64: string;
}

/** `SHA256:...` as ssh-keygen -l prints it. */
export function fingerprintOf(key: HostKey): string {
  const digest = createHash('sha256').update(Buffer.from(key.base64, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** Reads the type out of a key blob (RFC 4253, section 6.6: it begins with its own name). */
export function hostKeyFromBlob(blob: Buffer): HostKey {
  const length = blob.readUInt32BE(0);
  return { type: blob.subarray(4, 4 + length).toString('ascii'), base64: blob.toString('base64') };
}

/** The name a host has in the file: bare for port 22, `[host]:port` otherwise. sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
export function hostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The OpenSSH known_hosts file of one deployment. Lines waa did not write are kept as they are. */
export interface KnownHosts {
  readonly path: string;
  /** Every key pinned for a host. */
  find(host: string, port: number): Promise<readonly HostKey[]>;
  /** Appends a key; keys that others append meanwhile stay, whoever they are. */
  pin(host: string, port: number, key: HostKey): Promise<void>;
  /** Removes every key of a host, as ssh-keygen -R does. */
  forget(host: string, port: number): Promise<void>;
}

interface Entry {
  readonly hosts: string;
  readonly key: HostKey;
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

function parseLine(line: string): Entry | undefined {
  const [hosts, type, base64] = line.trim().split(/\s+/);
  // Comments and @cert-authority / @revoked lines are not pinned keys.
  if (!hosts || !type || !base64 || hosts.startsWith('#') || hosts.startsWith('@')) return undefined;
  return { hosts, key: { type, base64 } };
}

function names(entry: Entry, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(entry.hosts);
  if (!hashed?.[1]) return entry.hosts.split(',').includes(name);
  return createHmac('sha1', Buffer.from(hashed[1], 'base64')).update(name).digest('base64') === hashed[2];
}

/**
 * Opens the file lazily; it is made 0600 with the first key. A key is appended in one write, so that other processes may
 * do so at the same time; `forget` replaces the file. Callers take turns: one object for all who write one file.
 */
export function createKnownHosts(path: string): KnownHosts {
  let turn: Promise<unknown> = Promise.resolve();

  const read = async (): Promise<string> => {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  };
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const next = turn.then(change);
    // The next writer waits for this one, whether it succeeded or not; the caller gets the failure.
    turn = next.catch(() => undefined);
    return next;
  };
  return {
    path,
    async find(host, port) {
      const name = hostName(host, port);
      const entries = linesOf(await read()).map(parseLine);
      return entries
        .filter((entry): entry is Entry => entry !== undefined && names(entry, name))
        .map((entry) => entry.key);
    },
    pin: (host, port, key) =>
      inTurn(async () => {
        const before = await read();
        // A person's editor may have left the last line without its end.
        const begin = before === '' || before.endsWith('\n') ? '' : '\n';
        await appendFile(path, `${begin}${hostName(host, port)} ${key.type} ${key.base64}\n`, { mode: 0o600 });
      }),
    forget: (host, port) =>
      inTurn(async () => {
        const before = linesOf(await read());
        const after = before.filter((line) => {
          const entry = parseLine(line);
          return !entry || !names(entry, hostName(host, port));
        });
        if (after.length === before.length) return;
        await writeFileAtomic(path, after.map((line) => `${line}\n`).join(''), { mode: 0o600 });
      }),
  };
}
