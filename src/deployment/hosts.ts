import { createHash } from 'node:crypto';
import { fail } from '../failures/waa-error.js';
import type { HostAddress } from '../layers/io.js';

/** Where waa keeps its things on a host of the user's own: Windows disk, results, sockets. */
export const HOST_DATA_DIRECTORY = '/var/lib/waa/data';

const USER = /^[a-z_][a-z0-9_.-]{0,31}\$?$/i;
const HINT = 'waa up --host ssh://user@host[:port]   (or: --host local)';

/**
 * One `--host`: `local`, or `ssh://[user@]host[:port]`; without a user the one of this machine is meant, as ssh does.
 * Raises USAGE naming what is wrong.
 */
export function parseHost(text: string, userName: string): HostAddress {
  if (text === 'local') return { host: 'localhost', port: 0, user: userName, local: true };
  const refuse = (why: string): never => {
    throw fail('USAGE', { problem: `--host ${text}: ${why}`, hint: HINT });
  };
  if (!text.startsWith('ssh://')) return refuse('it must be "local" or begin with ssh://');
  const url = URL.canParse(text) ? new URL(text) : refuse('it is not a URL; a port is a number up to 65535');
  const { hostname, port, username, password, pathname, search, hash } = url;
  if (password !== '') return refuse('a password does not belong there; waa logs in with a key (ssh.keyPath)');
  if (hostname === '') return refuse('the host is missing');
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '') return refuse('nothing may follow host and port');
  const user = username === '' ? userName : decodeURIComponent(username);
  if (!USER.test(user)) return refuse(`'${user}' is no name of a user`);
  if (port === '0') return refuse('port 0 cannot be connected to');
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? 22 : Number(port), user };
}

/** All of `--host`, each once. Raises USAGE. */
export function parseHosts(texts: readonly string[], userName: string): readonly HostAddress[] {
  const hosts = texts.map((text) => parseHost(text, userName));
  const seen = new Set<string>();
  for (const address of hosts) {
    const name = `${address.host}:${address.port}`;
    if (seen.has(name)) {
      throw fail('USAGE', { problem: `--host names ${hostText(address)} twice`, hint: 'A host runs one Windows.' });
    }
    seen.add(name);
  }
  return hosts;
}

/** A path on a host that may become a data directory. Raises USAGE. */
export function parseDirectory(option: string, path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  const isFine =
    /^\/[^:\0\n]*$/.test(trimmed) && !trimmed.split('/').some((part, at) => at > 0 && /^\.{0,2}$/.test(part));
  if (isFine) return trimmed;
  const hint = `e.g. ${option} ${HOST_DATA_DIRECTORY}`;
  throw fail('USAGE', { problem: `${option} ${path}: it must be an absolute path without ':' and '..'`, hint });
}

/** A host as the user wrote it. */
export function hostText({ host, port, user, local }: HostAddress): string {
  if (local === true) return 'local';
  const name = host.includes(':') ? `[${host}]` : host;
  return `ssh://${user}@${name}${port === 22 ? '' : `:${port}`}`;
}

export interface ClaimParts {
  readonly deployment: string;
  readonly worker: string;
  readonly owner: string;
  /** State home and name of the machine that holds it. */
  readonly home: string;
  readonly machine: string;
}

/** The mark of one worker's deployment on its host: equal only for the same name in the same home on the same machine. */
export function claimOf(parts: ClaimParts): { readonly id: string; readonly text: string } {
  const { deployment, worker, owner, home, machine } = parts;
  const id = createHash('sha256')
    .update(JSON.stringify([machine, home, deployment, worker]))
    .digest('hex')
    .slice(0, 32);
  const text = `deployment ${deployment} (worker ${worker}) of ${owner} on ${machine}, state home ${home}`;
  return { id, text: text.replaceAll(/[\r\n]/g, ' ') };
}
