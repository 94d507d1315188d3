import { refuse } from '../../world/azure/arm-error.js';
import type { AzureWorld } from '../../world/azure/azure-world.js';
import type { Principal } from '../../world/azure/options.js';
import type { Place } from '../../world/azure/state.js';
import type { ArmRequest, Reply } from './http.js';

/** One request on its way to its route. */
export interface ArmContext {
  readonly azure: AzureWorld;
  /** Base URL, without a slash at the end. */
  readonly armUrl: string;
  readonly request: ArmRequest;
  readonly params: ReadonlyMap<string, string>;
  readonly principal: Principal;
  readonly apiVersion: string;
  readonly pageSize: number;
}

export type Method = 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';

/** One operation of Resource Manager. */
export interface Route {
  readonly method: Method;
  /** `{x}` is one segment; a leading `{*x}` any number. Literals are compared without regard to case. */
  readonly path: string;
  /** Full type, decides the api-versions. */
  readonly type: string;
  /** What the caller must be allowed to do. */
  readonly action: string;
  handle(context: ArmContext): Reply;
}

/** A path parameter of the route. */
export function param(context: ArmContext, name: string): string {
  const value = context.params.get(name);
  if (value === undefined) throw refuse(500, 'InternalServerError', `The route has no parameter '${name}'.`);
  return value;
}

/** Resource group and name of the route. */
export const placeOf = (context: ArmContext): Place => ({
  group: param(context, 'group'),
  name: param(context, 'name'),
});

/** Cuts a list into pages; the next one is asked for with `$skiptoken`. */
export function pageOf(context: ArmContext, items: readonly unknown[]): Reply {
  const { request, armUrl, pageSize } = context;
  const top = Number(request.query.get('$top') ?? pageSize);
  const size = Number.isInteger(top) && top > 0 ? Math.min(top, pageSize) : pageSize;
  const start = Number(request.query.get('$skiptoken') ?? '0');
  if (!Number.isInteger(start) || start < 0) {
    throw refuse(400, 'InvalidSkipToken', 'The skip token is invalid.');
  }
  const value = items.slice(start, start + size);
  const next = start + size;
  if (next >= items.length) return { status: 200, body: { value } };
  const query = new URLSearchParams([...request.query].filter(([key]) => key !== '$skiptoken'));
  query.set('$skiptoken', String(next));
  return { status: 200, body: { value, nextLink: `${armUrl}${request.path}?${query.toString()}` } };
}
