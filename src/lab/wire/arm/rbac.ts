import { refuse } from '../../world/azure/arm-error.js';
import type { Principal } from '../../world/azure/options.js';
import type { ArmContext } from './context.js';

/** Tests an action against a pattern: a star stands for any text, case does not matter. */
function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}

/** Whether the roles of a principal allow an action. */
export const isAllowed = (principal: Principal, action: string): boolean =>
  principal.actions.some((pattern) => matches(pattern, action)) &&
  !principal.notActions.some((pattern) => matches(pattern, action));

const clientOf = (principal: Principal): string =>
  `The client '${principal.clientId}' with object id '${principal.objectId}'`;

/** Raises 403 `AuthorizationFailed`. */
export function checkAllowed(principal: Principal, action: string, scope: string): void {
  if (isAllowed(principal, action)) return;
  throw refuse(
    403,
    'AuthorizationFailed',
    `${clientOf(principal)} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is ` +
      'invalid. If access was recently granted, please refresh your credentials.',
  );
}

/** Those of the ids that a body names. */
export const idsAt = (...ids: readonly (string | undefined)[]): readonly string[] =>
  ids.filter((id) => id !== undefined);

/** A reference needs the right to join what it refers to. Raises 400 for a malformed id, 403 `LinkedAuthorizationFailed`. */
export function checkJoin(context: ArmContext, join: string, ids: readonly string[]): void {
  for (const id of ids) {
    if (!/^\/(subscriptions|providers)\/[^/]+/i.test(id)) {
      throw refuse(
        400,
        'LinkedInvalidPropertyId',
        `Property id '${id}' at path 'properties' is invalid. Expect fully qualified resource Id that start with ` +
          "'/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
      );
    }
    if (isAllowed(context.principal, join)) continue;
    throw refuse(
      403,
      'LinkedAuthorizationFailed',
      `${clientOf(context.principal)} has permission to perform action on scope '/${context.request.segments.join('/')}'; however, it ` +
        `does not have permission to perform action(s) '${join}' on the linked scope(s) '${id}' (respectively) or the linked scope(s) ` +
        'are invalid.',
    );
  }
}
