import { refuse } from '../../world/azure/arm-error.js';
import type { Resource, ResourceType } from '../../world/azure/model.js';
import { findAt } from '../../world/azure/state.js';
import { placeOf, type ArmContext } from './context.js';

/** `If-None-Match: *` creates only; `If-Match` changes only what is as the client saw it. Raises 412. */
export function checkPreconditions(
  context: ArmContext,
  type: ResourceType,
  etagOf: (resource: Resource) => string,
): void {
  const existing = findAt(context.azure, type, placeOf(context));
  const { headers } = context.request;
  if (headers['if-none-match'] === '*' && existing) {
    throw refuse(412, 'PreconditionFailed', `Condition not satisfied: resource ${existing.id} exists.`);
  }
  const wanted = headers['if-match'];
  if (wanted === undefined || wanted === '*' || (existing && wanted === etagOf(existing))) return;
  throw refuse(
    412,
    'PreconditionFailed',
    `Etag provided in if-match header ${wanted} does not match etag ${existing ? etagOf(existing) : '(none)'} of the resource.`,
  );
}
