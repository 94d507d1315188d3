import { nearest } from '../../failures/nearest.js';
import type { WaaError } from '../../failures/waa-error.js';
import type { SeenFailure, TranslationRule } from './translation.js';

/** Used where Azure gives no Retry-After: the NIC reservation is 180 s by Azure's own text, a group delete takes minutes. */
const NIC_RESERVATION_MS = 180_000;
const GROUP_DELETE_MS = 30_000;

const number = (text: string | undefined): number => (text === undefined ? 0 : Number(text.replace(/[,.]/g, '')));

/** "Please try again after '6' seconds", "can be retried in 5 seconds", "retry after 180 seconds". */
function waitMs(seen: SeenFailure, fallbackMs = 0): number {
  if (seen.retryAfterMs > 0) return seen.retryAfterMs;
  const said = /(?:again after|retried in|retry after)\s+'?(\d+)'?\s+second/i.exec(seen.link.message)?.[1];
  return said === undefined ? fallbackMs : Number(said) * 1000;
}

/** Both wordings of the vCPU quota: "exceeding approved X Cores quota", and the older "quota limits of Core". */
function quota(seen: SeenFailure): WaaError {
  const text = seen.link.message;
  const pick = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]?.trim();
  return seen.fail('AZURE_QUOTA_EXCEEDED', {
    quota: pick(/exceeding approved (.+?) quota/i) ?? pick(/quota limits? of (\w+)/i) ?? 'vCPUs',
    region: pick(/Location: ([\w-]+)/) ?? 'the region',
    limit: number(pick(/(?:Current Limit|Maximum allowed): (\d[\d,.]*)/)),
    used: number(pick(/(?:Current Usage|Current in use): (\d[\d,.]*)/)),
    required: number(pick(/(?:Additional Required|Additional requested): (\d[\d,.]*)/)),
  });
}

function sizeUnavailable(seen: SeenFailure): WaaError {
  const text = seen.link.message;
  return seen.fail('AZURE_SIZE_UNAVAILABLE', {
    size: /Capacity Restrictions: ([\w, ]+)'/.exec(text)?.[1] ?? /(Standard_\w+)/.exec(text)?.[1] ?? 'asked for',
    region: /location '([^']+)'/.exec(text)?.[1] ?? 'the region',
    nearest: '',
  });
}

/** A region that Azure does not list is a slip; one that it lists lacks the type, or the api-version. */
function region(seen: SeenFailure): WaaError {
  const text = seen.link.message;
  const asked = /location '([^']+)'/.exec(text)?.[1];
  const listed = /(?:supported locations are|available regions[^']* is) '([^']+)'/.exec(text)?.[1]?.split(/,\s*/);
  if (asked === undefined || !listed || listed.includes(asked))
    return seen.fail('AZURE_REGION_UNAVAILABLE', { detail: seen.detail });
  return seen.fail('AZURE_REGION_UNKNOWN', { region: asked, nearest: nearest(asked, listed) ?? '' });
}

function publicIpQuota(seen: SeenFailure): WaaError {
  const limit = number(/(\d+)/.exec(seen.link.message)?.[1]);
  return seen.fail('AZURE_PUBLIC_IP_QUOTA', { region: 'the region', limit, used: limit, required: 1 });
}

function policy(seen: SeenFailure): WaaError {
  const text = seen.link.message;
  const names = [...text.matchAll(/"policyAssignment":\{"name":"([^"]+)"/g)].map((match) => match[1]);
  return seen.fail('AZURE_POLICY_DENIED', {
    resource: /Resource '([^']+)'/.exec(text)?.[1] ?? seen.link.target ?? 'the resource',
    policy: names.length > 0 ? names.join(', ') : seen.detail,
  });
}

const denied = (seen: SeenFailure): WaaError => {
  const text = seen.link.message;
  return seen.fail('AZURE_PERMISSION_DENIED', {
    action:
      /permission to perform action\(s\) '([^']+)'/.exec(text)?.[1] ??
      /perform action '([^']+)'/.exec(text)?.[1] ??
      'the action',
    scope: /linked scope\(s\) '([^']+)'/.exec(text)?.[1] ?? /over scope '([^']+)'/.exec(text)?.[1] ?? 'the scope',
  });
};

const busy = (seen: SeenFailure): WaaError =>
  seen.fail('AZURE_BUSY', { azureCode: seen.link.code || 'Conflict', detail: seen.detail, retryAfterMs: waitMs(seen) });
const throttled = (seen: SeenFailure): WaaError =>
  seen.fail('AZURE_THROTTLED', { detail: seen.detail, retryAfterMs: waitMs(seen) });
const notFound = (seen: SeenFailure): WaaError =>
  seen.fail('AZURE_NOT_FOUND', {
    what: /'([^']+)'/.exec(seen.link.message)?.[1] ?? seen.operation,
    azureCode: seen.link.code || 'NotFound',
  });
const internal = (seen: SeenFailure): WaaError =>
  seen.fail('AZURE_INTERNAL', {
    azureCode: seen.link.code || `HTTP ${seen.status}`,
    detail: seen.detail,
    retryAfterMs: waitMs(seen),
  });

/**
 * ARM code to our code, first fit wins, so the order is part of the meaning: OperationNotAllowed is throttling, then a VM
 * marked for deletion, then quota, then a state conflict. The code decides wherever it suffices, because messages are
 * translated into the caller's language; a `message` pattern only splits a code with several meanings.
 * Codes and texts: Azure Resource Manager and Compute error pages on learn.microsoft.com, and issues quoted in the tests.
 */
export const rules: readonly TranslationRule[] = [
  // Slow down. Compute says it without an `error` wrapper and hides TooManyRequests in `details`.
  {
    codes: ['TooManyRequests', 'SubscriptionRequestsThrottled', 'ResourceRequestsThrottled', 'TenantRequestsThrottled'],
    to: throttled,
  },
  {
    codes: [
      'RetryableErrorDueToAnotherOperation',
      'ReferencedResourceNotProvisioned',
      'RetryableError',
      'AnotherOperationInProgress',
    ],
    to: busy,
  },
  { statuses: [429], to: throttled },
  { codes: [''], message: /Number of requests .* exceeded .*try again after/s, to: throttled },

  // OperationNotAllowed in its order.
  { codes: ['OperationNotAllowed'], message: /too many requests/i, to: throttled },
  {
    codes: ['OperationNotAllowed', 'Conflict'],
    message: /marked for deletion/i,
    to: (seen) => seen.fail('AZURE_VM_BEING_DELETED', { detail: seen.detail, retryAfterMs: waitMs(seen) }),
  },
  {
    codes: ['OperationNotAllowed', 'QuotaExceeded', ''],
    message: /exceeding (?:approved .+ quota|quota limits? of)/is,
    to: quota,
  },
  { codes: ['QuotaExceeded'], to: quota },
  {
    codes: ['OperationNotAllowed', 'Conflict'],
    message: /another operation is in progress|ongoing operation is changing|Another operation on this or dependent/i,
    to: busy,
  },

  // Login.
  { codes: ['ExpiredAuthenticationToken'], to: (seen) => seen.fail('AZURE_LOGIN_EXPIRED', { reason: seen.detail }) },
  {
    codes: ['InvalidAuthenticationTokenTenant'],
    to: (seen) => seen.fail('AZURE_TENANT_MISMATCH', { reason: seen.detail }),
  },
  {
    codes: ['AuthenticationFailed', 'InvalidAuthenticationToken', 'InvalidAuthenticationTokenAudience'],
    to: (seen) => seen.fail('AZURE_LOGIN_REQUIRED', { reason: seen.detail }),
  },
  { statuses: [401], to: (seen) => seen.fail('AZURE_LOGIN_REQUIRED', { reason: seen.detail }) },

  // Subscription, rights, policy.
  {
    codes: ['SubscriptionNotFound', 'InvalidSubscriptionId'],
    to: (seen) =>
      seen.fail('AZURE_SUBSCRIPTION_NOT_FOUND', {
        subscription: /'([^']+)'/.exec(seen.link.message)?.[1] ?? 'in use',
        known: 'see az account list',
      }),
  },
  {
    codes: ['ReadOnlyDisabledSubscription'],
    to: (seen) =>
      seen.fail('AZURE_SUBSCRIPTION_DISABLED', {
        subscription: /'([^']+)'/.exec(seen.link.message)?.[1] ?? 'in use',
        state: 'disabled',
      }),
  },
  { codes: ['AuthorizationFailed', 'LinkedAuthorizationFailed'], to: denied },
  { codes: ['RequestDisallowedByPolicy'], to: policy },
  { codes: ['RequestDisallowedByAzure'], to: (seen) => seen.fail('AZURE_REGION_DISALLOWED', { reason: seen.detail }) },
  { codes: ['ScopeLocked'], to: (seen) => seen.fail('AZURE_LOCKED', { detail: seen.detail }) },
  {
    codes: ['SubscriptionNotRegisteredForFeature'],
    to: (seen) =>
      seen.fail('AZURE_FEATURE_NOT_REGISTERED', {
        feature: /feature ([\w./]+)/.exec(seen.link.message)?.[1] ?? seen.detail,
      }),
  },
  {
    codes: ['InvalidParameter'],
    message: /'(Microsoft\.\w+\/\w+)' feature is not enabled/,
    to: (seen) =>
      seen.fail('AZURE_FEATURE_NOT_REGISTERED', {
        feature: /'(Microsoft\.\w+\/\w+)'/.exec(seen.link.message)?.[1] ?? seen.detail,
      }),
  },
  {
    codes: ['MissingSubscriptionRegistration', 'SubscriptionNotRegistered'],
    to: (seen) => seen.fail('AZURE_PROVIDER_NOT_REGISTERED', { namespace: namespaceOf(seen) }),
  },
  {
    codes: [
      'LocationNotAvailableForResourceType',
      'LocationNotAvailableForResourceGroup',
      'NoRegisteredProviderFound',
      'InvalidLocation',
    ],
    to: region,
  },
  {
    codes: ['InvalidResourceLocation', 'InvalidResourceGroupLocation'],
    to: (seen) => seen.fail('AZURE_ELSEWHERE', { detail: seen.detail }),
  },

  // Spot before capacity: capacity codes on a spot request stay capacity.
  {
    codes: [
      'VariablePriceGreaterThanProvidedMaxPrice',
      'MaxPriceValueInvalid',
      'EvictionPolicyCanBeSetOnlyOnLowPriorityVirtualMachines',
      'VariablePricingIsNotSupportedForThisVMSize',
      'VariablePricingFeatureNotEnabledForSubscription',
      'LowPriVMNotSupportedInAvailabilitySet',
      'EphemeralOSDisksNotSupportedForSpotVMs',
      'VMPriorityCannotBeApplied',
      'BillingProfileChangeNotAllowedForAllocatedVMs',
      'MaxPriceUpdateRequiresVMToBeDeallocated',
    ],
    to: (seen) => seen.fail('AZURE_SPOT_REFUSED', { azureCode: seen.link.code, detail: seen.detail }),
  },

  // Capacity and public addresses.
  { codes: ['SkuNotAvailable'], to: sizeUnavailable },
  {
    codes: [
      'AllocationFailed',
      'ZonalAllocationFailed',
      'OverconstrainedAllocationRequest',
      'OverconstrainedZonalAllocationRequest',
    ],
    to: (seen) =>
      seen.fail('AZURE_ALLOCATION_FAILED', {
        azureCode: seen.link.code,
        detail: seen.detail,
        retryAfterMs: waitMs(seen),
      }),
  },
  {
    codes: [
      'PublicIPCountLimitReached',
      'StaticPublicIPCountLimitReached',
      'IPv4StandardSkuPublicIpCountLimitReached',
      'IPv4BasicSkuPublicIpCountLimitReached',
    ],
    to: publicIpQuota,
  },
  { codes: [''], message: /Cannot create more than \d+ (?:\w+ )*public IP addresses/i, to: publicIpQuota },

  // Image and security type.
  {
    codes: ['PlatformImageNotFound', 'ImageNotFound', 'GalleryImageNotFound'],
    to: (seen) => seen.fail('AZURE_IMAGE_NOT_FOUND', { detail: seen.detail }),
  },
  {
    codes: ['BadRequest', 'InvalidParameter'],
    message: /securityType|UEFI settings|'?TrustedLaunch'? security type|security type of VM/i,
    to: (seen) => seen.fail('AZURE_TRUSTED_LAUNCH', { detail: seen.detail }),
  },
  {
    codes: ['InvalidParameter'],
    message: /value \S+ provided for the VM size is not valid/,
    to: (seen) =>
      seen.fail('AZURE_SIZE_UNKNOWN', {
        size: /value (\S+) provided/.exec(seen.link.message)?.[1] ?? 'asked for',
        region: 'the region',
        nearest: '',
      }),
  },

  // In use, being deleted, reserved.
  {
    codes: ['ResourceGroupBeingDeleted'],
    to: (seen) =>
      seen.fail('AZURE_GROUP_BEING_DELETED', { detail: seen.detail, retryAfterMs: waitMs(seen, GROUP_DELETE_MS) }),
  },
  {
    codes: ['ResourceGroupDeletionBlocked'],
    to: (seen) => seen.fail('AZURE_GROUP_DELETE_BLOCKED', { detail: seen.detail }),
  },
  {
    codes: ['NicReservedForAnotherVm'],
    to: (seen) =>
      seen.fail('AZURE_NIC_RESERVED', { detail: seen.detail, retryAfterMs: waitMs(seen, NIC_RESERVATION_MS) }),
  },
  {
    codes: ['PrivateIPAddressInUse', 'PublicIPAddressInUse', 'ConflictingUserInput'],
    to: (seen) => seen.fail('AZURE_IP_IN_USE', { azureCode: seen.link.code, detail: seen.detail }),
  },
  {
    codes: [
      'NicInUse',
      'PublicIPAddressCannotBeDeleted',
      'InUseSubnetCannotBeDeleted',
      'InUseNetworkSecurityGroupCannotBeDeleted',
      'InUsePrefixCannotBeDeleted',
      'AttachDiskWhileBeingDetached',
      'CannotDeleteResource',
    ],
    to: (seen) =>
      seen.fail('AZURE_RESOURCE_IN_USE', {
        azureCode: seen.link.code,
        detail: seen.detail,
        retryAfterMs: waitMs(seen),
      }),
  },
  {
    codes: ['PropertyChangeNotAllowed'],
    to: (seen) =>
      seen.fail('AZURE_CHANGE_REFUSED', {
        property: /property '([^']+)'/.exec(seen.link.message)?.[1] ?? seen.link.target ?? 'a property',
        detail: seen.detail,
      }),
  },
  {
    codes: ['ReservedResourceName', 'InvalidResourceName', 'InvalidResourceGroup'],
    to: (seen) => seen.fail('AZURE_NAME_REFUSED', { detail: seen.detail }),
  },

  // Linux in the VM. The same code covers "late" and "will never finish"; the text about a running agent means never.
  {
    codes: ['OSProvisioningTimedOut'],
    message: /guest agent was detected running|has not been properly prepared to/i,
    to: (seen) => seen.fail('AZURE_OS_PROVISIONING_FAILED', { azureCode: seen.link.code, detail: seen.detail }),
  },
  {
    codes: [
      'OSProvisioningTimedOut',
      'VMAgentStatusCommunicationError',
      'VMStartTimedOut',
      'OSProvisioningInternalError',
    ],
    to: (seen) => seen.fail('AZURE_OS_PROVISIONING_SLOW', { detail: seen.detail }),
  },
  {
    codes: ['OSProvisioningClientError', 'VMExtensionProvisioningError', 'VMExtensionHandlerNonTransientError'],
    to: (seen) => seen.fail('AZURE_OS_PROVISIONING_FAILED', { azureCode: seen.link.code, detail: seen.detail }),
  },

  // Ended by something newer.
  {
    codes: ['OperationPreempted', 'Canceled', 'CanceledAndSupersededDueToAnotherOperation'],
    to: (seen) =>
      seen.fail('AZURE_OPERATION_CANCELED', {
        name: seen.operation,
        detail: seen.detail,
        retryAfterMs: waitMs(seen),
      }),
  },

  // Azure's own trouble.
  {
    codes: [
      'InternalOperationError',
      'InternalExecutionError',
      'InternalDiskManagementError',
      'InternalServerError',
      'NetworkingInternalOperationError',
      'ServerBusy',
      'ServiceUnavailable',
      'ServerTimeout',
      'GatewayTimeout',
      'BadGateway',
      'ResourceUpdateBlockedOnPlatformUpdate',
      'VMRedeploymentTimedOut',
      'VMExtensionProvisioningTimeout',
    ],
    to: internal,
  },
  { statuses: [408, 500, 502, 503, 504], to: internal },

  // What is not there.
  {
    codes: [
      'ResourceGroupNotFound',
      'ResourceNotFound',
      'NotFound',
      'ParentResourceNotFound',
      'DiskNotFound',
      'InvalidResourceReference',
    ],
    to: notFound,
  },
  { statuses: [404], to: notFound },
];

/** The namespace named by either wording, else by the detail's target. */
function namespaceOf(seen: SeenFailure): string {
  const named = /namespace '([^']+)'/.exec(seen.link.message)?.[1] ?? seen.link.target;
  if (named !== undefined) return named;
  return /registered with NRP/.test(seen.link.message) ? 'Microsoft.Network' : 'Microsoft.Compute';
}
