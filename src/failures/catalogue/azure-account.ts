import { failure } from '../failure.js';

const LOGIN = ['az login', 'az account show'];

/** Who is calling, with which subscription, and what it may do. */
export const azureAccountFailures = {
  AZURE_CLI_MISSING: failure<{ reason: string }>({
    layer: 'azure',
    kind: 'not-found',
    disposition: 'permanent',
    symptom: ({ reason }) => `no way to log in to Azure: ${reason}`,
    why: 'waa uses the login of the Azure CLI, or a service principal from the environment; it found neither.',
    fix: () => [
      'Install the Azure CLI: https://aka.ms/azure-cli',
      'az login',
      'Or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal.',
    ],
  }),
  AZURE_LOGIN_REQUIRED: failure<{ reason: string }>({
    layer: 'azure',
    kind: 'permission',
    disposition: 'permanent',
    symptom: ({ reason }) => `not logged in to Azure: ${reason}`,
    why: 'Azure did not accept the identity waa presented.',
    fix: () => LOGIN,
  }),
  AZURE_LOGIN_EXPIRED: failure<{ reason: string }>({
    layer: 'azure',
    kind: 'permission',
    disposition: 'permanent',
    symptom: ({ reason }) => `the Azure login has expired: ${reason}`,
    why: 'Refresh tokens end after 90 days without use, after a password change, or when your organisation asks for MFA again.',
    fix: () => ['az logout', ...LOGIN],
  }),
  AZURE_LOGIN_REFUSED: failure<{ reason: string }>({
    layer: 'azure',
    kind: 'permission',
    disposition: 'permanent',
    symptom: ({ reason }) => `Azure refused the login: ${reason}`,
    why: 'The service principal, its secret, the tenant or a conditional-access rule does not fit.',
    fix: () => [
      'Check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or unset them to use the Azure CLI.',
      'az login --tenant <tenant-id>',
    ],
  }),
  AZURE_TENANT_MISMATCH: failure<{ reason: string }>({
    layer: 'azure',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ reason }) => `the login belongs to another tenant than the subscription: ${reason}`,
    why: 'A token is valid for one Entra tenant; the subscription lives in another one.',
    fix: () => ['az login --tenant <tenant-id of the subscription>'],
  }),
  AZURE_SUBSCRIPTION_NOT_FOUND: failure<{ subscription: string; known: string }>({
    layer: 'azure',
    kind: 'not-found',
    disposition: 'permanent',
    symptom: ({ subscription, known }) =>
      `subscription '${subscription}' is not visible to this login (visible: ${known})`,
    why: 'The id or name is wrong, or the login has no role in it.',
    fix: () => ['az account list --output table', 'az account set --subscription <id>'],
  }),
  AZURE_SUBSCRIPTION_AMBIGUOUS: failure<{ count: number; names: string }>({
    layer: 'azure',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ count, names }) => `${count} subscriptions are possible: ${names}`,
    why: 'waa does not guess who pays.',
    fix: () => ['az account set --subscription <id>', 'Or set azure.subscription in waa.yaml.'],
  }),
  AZURE_SUBSCRIPTION_DISABLED: failure<{ subscription: string; state: string }>({
    layer: 'azure',
    kind: 'quota',
    disposition: 'permanent',
    symptom: ({ subscription, state }) => `subscription ${subscription} is ${state}: nothing can be created in it`,
    why: 'A spending limit was reached, a trial ended or a bill is open.',
    fix: () => [
      'https://portal.azure.com/#view/Microsoft_Azure_Billing/SubscriptionsBlade',
      'Or use another one: az account set --subscription <id>',
    ],
  }),
  AZURE_PERMISSION_DENIED: failure<{ action: string; scope: string }>({
    layer: 'azure',
    kind: 'permission',
    disposition: 'permanent',
    symptom: ({ action, scope }) => `not allowed: ${action} on ${scope}`,
    why: 'The role of this login does not contain the action. A role given a moment ago needs up to five minutes to work.',
    fix: ({ scope }) => [
      `az role assignment create --assignee <you> --role Contributor --scope ${scope}`,
      'If the role was given just now: wait five minutes and repeat.',
    ],
  }),
  AZURE_ACTIONS_MISSING: failure<{ actions: string; subscription: string }>({
    layer: 'azure',
    kind: 'permission',
    disposition: 'permanent',
    symptom: ({ actions, subscription }) => `this login may not do in subscription ${subscription}: ${actions}`,
    why: 'waa creates a resource group, a network and VMs; the roles of this login do not cover that.',
    fix: ({ subscription }) => [
      `az role assignment create --assignee <you> --role Contributor --scope /subscriptions/${subscription}`,
    ],
  }),
  AZURE_POLICY_DENIED: failure<{ resource: string; policy: string }>({
    layer: 'azure',
    kind: 'permission',
    disposition: 'permanent',
    symptom: ({ resource, policy }) => `a policy of your organisation forbids ${resource}: ${policy}`,
    why: 'Azure Policy denies requests that break a rule, such as allowed regions, allowed sizes or no public addresses.',
    fix: () => [
      'Choose a region or size the policy allows: --region, --size.',
      'Or ask the owner of the policy for an exemption for this resource group.',
    ],
  }),
  AZURE_REGION_DISALLOWED: failure<{ reason: string }>({
    layer: 'azure',
    kind: 'unsupported',
    disposition: 'permanent',
    symptom: ({ reason }) => `this kind of subscription may not use the region: ${reason}`,
    why: 'Trial and student subscriptions may use a few regions only.',
    fix: () => ['waa preflight --region <another region>'],
  }),
  AZURE_PROVIDER_NOT_REGISTERED: failure<{ namespace: string }>({
    layer: 'azure',
    kind: 'configuration',
    disposition: 'recoverable',
    symptom: ({ namespace }) => `resource provider ${namespace} is not registered in the subscription`,
    why: 'A subscription must register a provider once before its first use; new subscriptions have few registered.',
    fix: ({ namespace }) => [
      'waa preflight --fix',
      ...namespace.split(', ').map((one) => `az provider register --namespace ${one} --wait`),
    ],
  }),
  AZURE_FEATURE_NOT_REGISTERED: failure<{ feature: string }>({
    layer: 'azure',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ feature }) => `feature ${feature} is not registered in the subscription`,
    why: 'The request needs a feature that must be switched on per subscription.',
    fix: ({ feature }) => {
      const [namespace = 'Microsoft.Compute', name = feature] = feature.split('/');
      return [
        `az feature register --namespace ${namespace} --name ${name}`,
        `az provider register --namespace ${namespace} --wait`,
      ];
    },
  }),
  AZURE_CALLER_ADDRESS_UNKNOWN: failure<{ reason: string }>({
    layer: 'azure',
    kind: 'not-found',
    disposition: 'transient',
    symptom: ({ reason }) => `could not find out the public IPv4 address of this machine: ${reason}`,
    why: 'The SSH port of a worker is opened for your address only, so waa must know it.',
    fix: () => ['curl -4 https://api.ipify.org', 'Check proxy and firewall of this machine.'],
  }),
} as const;
