import type { IncomingHttpHeaders } from 'node:http';
import type { Engine } from '../../world/docker/engine.js';
import type { Reply } from './reply.js';

/** A request of the Engine API, version prefix and body taken apart. */
export interface Call {
  readonly engine: Engine;
  /** Parts of the path that the pattern names, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly reply: Reply;
}

export type Handler = (call: Call) => void;

/** One endpoint: `GET /containers/{id}/json`. `{name*}` spans slashes, as image names do. */
export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly handler: Handler;
}

/** Describes an endpoint. */
export function route(description: string, handler: Handler): Route {
  const [method = '', path = ''] = description.split(' ');
  const names: string[] = [];
  const source = path.replace(/\{(\w+)(\*?)\}/g, (_whole, name: string, star: string) => {
    names.push(name);
    return star === '*' ? '(.+)' : '([^/]+)';
  });
  return { method, names, handler, pattern: new RegExp(`^${source}$`) };
}

/** A parameter of the query read as Go's `httputils.BoolValue`: anything but empty, 0, no, false, none is true. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = (query.get(name) ?? '').trim().toLowerCase();
  return !['', '0', 'no', 'false', 'none'].includes(value);
}
