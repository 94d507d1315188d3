import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { ArmError, refuse } from '../../world/azure/arm-error.js';
import type { AzureWorld } from '../../world/azure/azure-world.js';
import { checkRegistered } from '../../world/azure/registrations.js';
import { writableGroup } from '../../world/azure/state.js';
import { checkApiVersion } from './api-versions.js';
import { operationRoutes } from './async-replies.js';
import type { ArmContext, Route } from './context.js';
import { readRequest, sendReply, type ArmRequest, type Reply } from './http.js';
import { checkLocks } from './locks.js';
import { answerLogin } from './login.js';
import { armThrottled, computeThrottled, createRateLimiter, type RateLimiter } from './rate-limits.js';
import { checkAllowed } from './rbac.js';
import { matchRoute } from './router.js';
import { catalogueRoutes } from './routes/catalogue.js';
import { computeRoutes } from './routes/compute.js';
import { governanceRoutes } from './routes/governance.js';
import { networkRoutes } from './routes/network.js';
import { resourceGroupRoutes } from './routes/resource-groups.js';
import { scheduleRoutes } from './routes/schedules.js';
import { storageRoutes } from './routes/storage.js';
import { subscriptionRoutes } from './routes/subscriptions.js';
import { createTokenService, type TokenService } from './tokens.js';

const routes: readonly Route[] = [
  ...subscriptionRoutes,
  ...resourceGroupRoutes,
  ...catalogueRoutes,
  ...operationRoutes,
  ...computeRoutes,
  ...storageRoutes,
  ...networkRoutes,
  ...scheduleRoutes,
  ...governanceRoutes,
];

const throttledForS = 5;
const registeredNamespaces = new Set(['Microsoft.Compute', 'Microsoft.Network', 'Microsoft.DevTestLab']);

export interface ArmHandlerOptions {
  /** The handler's own base URL, without a slash at the end; known once the server listens. */
  readonly armUrl: () => string;
  /** Lab time, epoch ms. The world is advanced to it before each request. */
  readonly now: () => number;
  /** Rows a page. */
  readonly pageSize?: number;
}

interface Deps {
  readonly azure: AzureWorld;
  readonly options: ArmHandlerOptions;
  readonly tokens: TokenService;
  readonly limiter: RateLimiter;
}

/** Resource Manager, its providers and its login over an emulated subscription, as a listener for an HTTPS server. */
export function createArmHandler(azure: AzureWorld, options: ArmHandlerOptions): RequestListener {
  const deps: Deps = {
    azure,
    options,
    tokens: createTokenService({ options: azure.options, armUrl: options.armUrl, now: () => azure.simulation.now }),
    limiter: createRateLimiter(() => azure.simulation.now, azure.options.subscriptionId),
  };
  return (incoming, response) => {
    const requestId = randomUUID();
    void answer(deps, incoming).then(
      (reply) => {
        const date = new Date(options.now()).toUTCString();
        const headers = { date, ...commonHeaders(incoming, requestId), ...reply.headers };
        sendReply(response, { ...reply, headers }, incoming.method === 'HEAD');
      },
      (error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      },
    );
  };
}

async function answer(deps: Deps, incoming: IncomingMessage): Promise<Reply> {
  try {
    const request = await readRequest(incoming);
    deps.azure.simulation.advanceTo(deps.options.now());
    return answerLogin(request, deps.options.armUrl(), deps.tokens) ?? answerArm(deps, request);
  } catch (error) {
    if (error instanceof ArmError) return errorReply(error);
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { status: 500, body: { error: { code: 'InternalServerError', message } } };
  }
}

/** In ARM's order: login, subscription, route and version, rights, state, locks, throttling, group, registration, provider. */
function answerArm(deps: Deps, request: ArmRequest): Reply {
  const { azure, options } = deps;
  const principal = deps.tokens.authenticate(request);
  checkSubscription(azure, request);
  const { route, params } = matchRoute(routes, request);
  const scope = scopeOf(request, route);
  const apiVersion = checkApiVersion(request.query.get('api-version'), route.type, params.get('location') ?? '');
  checkAllowed(principal, route.action, scope);
  const writes = route.method !== 'GET' && route.method !== 'HEAD';
  if (writes) checkSubscriptionState(azure);
  checkLocks(azure.options.locks, route.method, scope);
  throttle(azure, route, principal.objectId);
  const rateHeaders = deps.limiter.take(route, route.method, scope, principal.objectId);
  const namespace = route.type.split('/')[0] ?? '';
  if (route.method === 'PUT' && registeredNamespaces.has(namespace)) {
    writableGroup(azure, params.get('group') ?? '');
    checkRegistered(azure, namespace);
  }
  const context: ArmContext = {
    azure,
    armUrl: options.armUrl(),
    request,
    params,
    principal,
    apiVersion,
    pageSize: options.pageSize ?? 1000,
  };
  try {
    const reply = route.handle(context);
    return { ...reply, headers: { ...rateHeaders, ...reply.headers } };
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    throw new ArmError(error.status, error.body, { ...rateHeaders, ...error.headers });
  }
}

/** Id of what the request is about: its path without the action. */
function scopeOf(request: ArmRequest, route: Route): string {
  const isAction = route.method === 'POST' || /\/(instanceView)$/.test(route.path);
  return `/${(isAction ? request.segments.slice(0, -1) : request.segments).join('/')}`;
}

function checkSubscription(azure: AzureWorld, { segments }: ArmRequest): void {
  const id = segments[1];
  if (segments[0]?.toLowerCase() !== 'subscriptions' || id === undefined) return;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw refuse(400, 'InvalidSubscriptionId', `The provided subscription identifier '${id}' is malformed or invalid.`);
  }
  if (id.toLowerCase() !== azure.options.subscriptionId.toLowerCase()) {
    throw refuse(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);
  }
}

function checkSubscriptionState(azure: AzureWorld): void {
  const { subscriptionId, subscriptionState } = azure.options;
  if (subscriptionState === 'Enabled') return;
  throw refuse(
    409,
    'ReadOnlyDisabledSubscription',
    `The subscription '${subscriptionId}' is disabled and therefore marked as read only. You cannot perform any write actions on this ` +
      'subscription until it is re-enabled.',
  );
}

/** The fault `azure-throttled`: compute answers in its own shape, the others in ARM's. */
function throttle(azure: AzureWorld, route: Route, who: string): void {
  if (!azure.simulation.faults.strikes('azure-throttled')) return;
  if (route.type.startsWith('Microsoft.Compute/')) throw computeThrottled('HighCostGet', throttledForS);
  const kind =
    route.method === 'GET' || route.method === 'HEAD' ? 'reads' : route.method === 'DELETE' ? 'deletes' : 'writes';
  throw armThrottled(kind, azure.options.subscriptionId, who, throttledForS);
}

function errorReply(error: ArmError): Reply {
  const flat = error.status === 429 && error.body.code === 'OperationNotAllowed';
  return {
    status: error.status,
    body: flat ? error.body : { error: error.body },
    headers: { ...error.headers, 'x-ms-failure-cause': 'gateway' },
  };
}

function commonHeaders(incoming: IncomingMessage, requestId: string): Readonly<Record<string, string>> {
  const clientId = incoming.headers['x-ms-client-request-id'];
  const echo = incoming.headers['x-ms-return-client-request-id'] === 'true' && typeof clientId === 'string';
  return {
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': requestId,
    'x-ms-routing-request-id': `LAB:${requestId}`,
    ...(echo ? { 'x-ms-client-request-id': clientId } : {}),
  };
}
