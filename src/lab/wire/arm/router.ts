import { refuse } from '../../world/azure/arm-error.js';
import { typesOf } from './api-versions.js';
import type { Route } from './context.js';
import type { ArmRequest } from './http.js';

export interface Matched {
  readonly route: Route;
  readonly params: ReadonlyMap<string, string>;
}

/** Finds the route of a request. Raises 404 or 405 as ARM does for what is not there. */
export function matchRoute(routes: readonly Route[], request: ArmRequest): Matched {
  let other: Route | undefined;
  for (const route of routes) {
    const params = matchPath(route.path, request.segments);
    if (!params) continue;
    if (route.method === request.method) return { route, params };
    other ??= route;
  }
  const scope = `/${request.segments.join('/')}`;
  if (other)
    throw refuse(
      405,
      'HttpMethodNotAllowed',
      `The HTTP method '${request.method}' is not supported at scope '${scope}'.`,
    );
  throw unknownPath(request);
}

function matchPath(template: string, segments: readonly string[]): ReadonlyMap<string, string> | undefined {
  const wanted = template.split('/').filter((part) => part !== '');
  const params = new Map<string, string>();
  let given = segments;
  if (wanted[0]?.startsWith('{*') === true) {
    const name = wanted.shift()?.slice(2, -1) ?? '';
    const extra = segments.length - wanted.length;
    if (extra < 1) return undefined;
    params.set(name, `/${segments.slice(0, extra).join('/')}`);
    given = segments.slice(extra);
  }
  if (wanted.length !== given.length) return undefined;
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? '';
    if (part.startsWith('{')) params.set(part.slice(1, -1), value);
    else if (part.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  return params;
}

function unknownPath({ segments, query }: ArmRequest) {
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  const namespace = segments[at + 1];
  if (at < 0 || namespace === undefined) {
    return refuse(
      404,
      'InvalidResourceType',
      `The resource '/${segments.join('/')}' is of a type that could not be found.`,
    );
  }
  const provider = typesOf(namespace);
  if (!provider) return refuse(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`);
  const type = segments
    .slice(at + 2)
    .filter((_, i) => i % 2 === 0)
    .join('/');
  return refuse(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${provider.namespace}' for api version ` +
      `'${query.get('api-version') ?? ''}'.`,
  );
}
