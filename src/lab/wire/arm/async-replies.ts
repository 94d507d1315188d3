import type { Operation } from '../../world/azure/operations.js';
import type { Written } from '../../world/azure/state.js';
import { param, type ArmContext, type Route } from './context.js';
import type { Reply } from './http.js';

const retryAfter = { 'retry-after': '1' };

function operationUrl(context: ArmContext, operation: Operation, kind: 'operations' | 'operationResults'): string {
  const { armUrl, azure, apiVersion } = context;
  const base = `${armUrl}/subscriptions/${azure.options.subscriptionId}/providers/${operation.provider}`;
  const prefix = operation.provider === 'Microsoft.Compute' ? `p=${operation.id}&` : '';
  return `${base}/locations/${operation.location}/${kind}/${operation.id}?${prefix}api-version=${apiVersion}`;
}

/** The answer to a PUT: 201 or 200 with the resource, and where its operation can be watched. */
export function putReply(
  context: ArmContext,
  written: Written<unknown>,
  body: unknown,
  status = written.created ? 201 : 200,
): Reply {
  const { operation } = written;
  if (!operation) return { status, body };
  const headers = {
    'azure-asyncoperation': operationUrl(context, operation, 'operations'),
    'azure-asyncnotification': 'Enabled',
    ...retryAfter,
  };
  return { status, body, headers };
}

/** The answer to an action or a deletion: 202, or 204 when there was nothing to delete. */
export function acceptedReply(context: ArmContext, operation: Operation | undefined): Reply {
  if (!operation) return { status: 204 };
  const url = operationUrl(context, operation, 'operations');
  const location =
    operation.provider === 'Microsoft.Compute'
      ? `${url}&monitor=true`
      : operationUrl(context, operation, 'operationResults');
  return {
    status: 202,
    headers: { 'azure-asyncoperation': url, location, 'azure-asyncnotification': 'Enabled', ...retryAfter },
  };
}

const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '0000+00:00');

function statusBody(operation: Operation): unknown {
  const outcome = { status: operation.status, ...(operation.error ? { error: operation.error } : {}) };
  if (operation.provider === 'Microsoft.Network') return outcome;
  return {
    startTime: iso(operation.startedAt),
    ...(operation.endedAt === undefined ? {} : { endTime: iso(operation.endedAt) }),
    ...outcome,
    name: operation.id,
  };
}

function lost(context: ArmContext): Reply {
  const id = param(context, 'operation');
  return { status: 404, body: { error: { code: 'NotFound', message: `The operation '${id}' was not found.` } } };
}

/** `Azure-AsyncOperation`: always 200 with a status. With `monitor=true`: 202 while it runs, then its end. */
function watch(context: ArmContext): Reply {
  const operation = context.azure.operations.find(param(context, 'operation'));
  if (!operation) return lost(context);
  const running = operation.status === 'InProgress';
  if (context.request.query.get('monitor') !== 'true') {
    return { status: 200, body: statusBody(operation), ...(running ? { headers: retryAfter } : {}) };
  }
  if (running) return acceptedReply(context, operation);
  return operation.status === 'Succeeded' ? { status: 200 } : { status: 409, body: { error: operation.error } };
}

/** Network's `Location`: 202 while it runs, 204 at the end. */
function networkResult(context: ArmContext): Reply {
  const operation = context.azure.operations.find(param(context, 'operation'));
  if (!operation) return lost(context);
  if (operation.status === 'InProgress') return acceptedReply(context, operation);
  return operation.status === 'Succeeded' ? { status: 204 } : { status: 409, body: { error: operation.error } };
}

const locations = '/subscriptions/{subscription}/providers/{provider}/locations/{location}';

export const operationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${locations.replace('{provider}', 'Microsoft.Compute')}/operations/{operation}`,
    type: 'Microsoft.Compute/locations',
    action: 'Microsoft.Compute/locations/operations/read',
    handle: watch,
  },
  {
    method: 'GET',
    path: `${locations.replace('{provider}', 'Microsoft.Network')}/operations/{operation}`,
    type: 'Microsoft.Network/locations',
    action: 'Microsoft.Network/locations/operations/read',
    handle: watch,
  },
  {
    method: 'GET',
    path: `${locations.replace('{provider}', 'Microsoft.Network')}/operationResults/{operation}`,
    type: 'Microsoft.Network/locations',
    action: 'Microsoft.Network/locations/operationResults/read',
    handle: networkResult,
  },
];
