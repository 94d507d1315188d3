import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorChain, errorChainFromText } from '../../../src/clients/arm/error-chain.js';
import { translateArmFailure } from '../../../src/clients/arm/translate.js';
import type { ArmFailure } from '../../../src/clients/arm/translation.js';
import { translateCredentialError } from '../../../src/clients/arm/credential-errors.js';
import type { FailureCode } from '../../../src/failures/catalogue/index.js';

const failure = (body: unknown, over: Partial<ArmFailure> = {}): ArmFailure => ({
  status: 409,
  chain: errorChain(body),
  retryAfterMs: 0,
  operation: 'create vm w0',
  body: body === undefined ? '' : JSON.stringify(body),
  ...over,
});
const translate = (body: unknown, over: Partial<ArmFailure> = {}) => translateArmFailure(failure(body, over));
const arm = (code: string, message: string, more: object = {}) => ({ error: { code, message, ...more } });

/** Texts as users posted them; each names its issue. */
const texts = new Map(
  readFileSync(new URL('../../fixtures/azure/error-texts.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; text: string; source: string })
    .map((row) => [row.id, row] as const),
);

const EXPECTED: Readonly<Record<string, FailureCode>> = {
  'arm-authorizationfailed-network': 'AZURE_PERMISSION_DENIED',
  'arm-marked-for-deletion': 'AZURE_VM_BEING_DELETED',
  'arm-nic-reserved': 'AZURE_NIC_RESERVED',
  'arm-not-registered': 'AZURE_PROVIDER_NOT_REGISTERED',
  'arm-not-registered-state': 'AZURE_PROVIDER_NOT_REGISTERED',
  'arm-osprovisioning-notgeneralized': 'AZURE_OS_PROVISIONING_FAILED',
  'arm-overconstrained': 'AZURE_ALLOCATION_FAILED',
  'arm-overconstrained-nested': 'AZURE_ALLOCATION_FAILED',
  'arm-policy-nopublicip': 'AZURE_POLICY_DENIED',
  'arm-privateip-in-use': 'AZURE_IP_IN_USE',
  'arm-publicip-limit-free': 'AZURE_PUBLIC_IP_QUOTA',
  'arm-publicip-limit-german': 'AZURE_PUBLIC_IP_QUOTA',
  'arm-publicip-static-limit': 'AZURE_PUBLIC_IP_QUOTA',
  'arm-quota-core-nested': 'AZURE_QUOTA_EXCEEDED',
  'arm-quota-core-old': 'AZURE_QUOTA_EXCEEDED',
  'arm-quota-regional': 'AZURE_QUOTA_EXCEEDED',
  'arm-quota-regional-response': 'AZURE_QUOTA_EXCEEDED',
  'arm-retryable': 'AZURE_BUSY',
  'arm-skunotavailable-capacity': 'AZURE_SIZE_UNAVAILABLE',
  'arm-skunotavailable-old': 'AZURE_SIZE_UNAVAILABLE',
  'arm-skunotavailable-terraform': 'AZURE_SIZE_UNAVAILABLE',
  'arm-throttled-resource': 'AZURE_THROTTLED',
  'arm-throttled-start': 'AZURE_THROTTLED',
};

describe('texts from the field', () => {
  it.each(Object.entries(EXPECTED))('%s is %s', (id, code) => {
    const row = texts.get(id);
    if (!row) throw new Error(`no fixture ${id}`);
    const seen = translateArmFailure({
      status: 409,
      chain: errorChainFromText(row.text),
      retryAfterMs: 0,
      operation: 'test',
      body: row.text,
    });
    expect(seen.code).toBe(code);
    expect(seen.evidence[0]?.text).toBe(row.text.slice(0, 4096));
  });

  it('reads the four numbers of a regional quota', () => {
    const row = texts.get('arm-quota-regional');
    const seen = translateArmFailure({
      status: 409,
      chain: errorChainFromText(row?.text ?? ''),
      retryAfterMs: 0,
      operation: 'x',
      body: '',
    });
    expect(seen.params).toEqual({
      quota: 'Total Regional Cores',
      region: 'centralus',
      limit: 10,
      used: 8,
      required: 8,
    });
  });

  it('takes the wait from the text where no header says it', () => {
    const row = texts.get('arm-throttled-resource');
    const seen = translateArmFailure({
      status: 429,
      chain: errorChainFromText(row?.text ?? ''),
      retryAfterMs: 0,
      operation: 'x',
      body: '',
    });
    expect(seen.params['retryAfterMs']).toBe(372_000);
  });
});

describe('OperationNotAllowed, in its order', () => {
  it('is throttling when details say TooManyRequests, even if the text could be anything', () => {
    const body = {
      code: 'OperationNotAllowed',
      message: 'The server rejected the request because too many requests have been received for this subscription.',
      details: [
        {
          code: 'TooManyRequests',
          target: 'HighCostGet',
          message: '{"operationGroup":"HighCostGet","allowedRequestCount":300}',
        },
      ],
    };
    const seen = translate(body, { status: 429, retryAfterMs: 17_000 });
    expect(seen.code).toBe('AZURE_THROTTLED');
    expect(seen.params['retryAfterMs']).toBe(17_000);
    expect(seen.disposition).toBe('transient');
  });
  it('is a VM being deleted before it is a quota', () => {
    const seen = translate(
      arm(
        'OperationNotAllowed',
        "Operation 'start' is not allowed on VM 'w0' since the VM is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete).",
      ),
    );
    expect(seen.code).toBe('AZURE_VM_BEING_DELETED');
  });
  it('is a family quota with its name', () => {
    const seen = translate(
      arm(
        'OperationNotAllowed',
        'Operation could not be completed as it results in exceeding approved standardDDSv5Family Cores quota. Additional details - Deployment Model: Resource Manager, Location: eastus, Current Limit: 10, Current Usage: 8, Additional Required: 8, (Minimum) New Limit Required: 16.',
      ),
    );
    expect(seen.params['quota']).toBe('standardDDSv5Family Cores');
  });
  it('is a refusal for a state nobody can wait for', () => {
    expect(
      translate(arm('OperationNotAllowed', "Operation 'start' is not allowed on VM 'w0' since the VM is generalized."))
        .code,
    ).toBe('AZURE_REQUEST_REFUSED');
  });
});

describe('nested and odd bodies', () => {
  it('unwraps JSON in text three levels deep and no deeper', () => {
    const wrap = (inner: unknown) => ({ error: { code: 'DeploymentFailed', message: JSON.stringify(inner) } });
    const core = arm('AllocationFailed', 'Allocation failed.');
    expect(translate(wrap(wrap(wrap(core)))).code).toBe('AZURE_ALLOCATION_FAILED');
    expect(translate(wrap(wrap(wrap(wrap(core))))).code).toBe('AZURE_REQUEST_REFUSED');
  });
  it('keeps the outer code when an inner error has one of its own', () => {
    const seen = translate(
      {
        status: 'Failed',
        error: {
          code: 'AllocationFailed',
          message: 'Allocation failed.',
          innererror: { code: 'CapacityCheck', message: 'x' },
        },
      },
      { status: 200 },
    );
    expect(seen.code).toBe('AZURE_ALLOCATION_FAILED');
  });
  it('reads the PascalCase envelope', () => {
    expect(
      translate(
        { Code: 'SubscriptionNotFound', Message: "The subscription 'abc' could not be found." },
        { status: 404 },
      ).code,
    ).toBe('AZURE_SUBSCRIPTION_NOT_FOUND');
  });
  it('knows a code in any language', () => {
    expect(translate(arm('SkuNotAvailable', 'サイズは使用できません')).code).toBe('AZURE_SIZE_UNAVAILABLE');
  });
  it('takes an empty 503 as Azure’s own trouble and an empty 404 as not there', () => {
    expect(translate(undefined, { status: 503 }).code).toBe('AZURE_INTERNAL');
    expect(translate(undefined, { status: 404 }).code).toBe('AZURE_NOT_FOUND');
  });
  it('names an unknown code of a failed operation', () => {
    const seen = translate(
      { status: 'Failed', error: { code: 'BrandNewProblem', message: 'never seen' } },
      { status: 200 },
    );
    expect(seen.code).toBe('AZURE_OPERATION_FAILED');
    expect(seen.params['azureCode']).toBe('BrandNewProblem');
  });
  it('takes 429 with a lock code as busy, not as quota', () => {
    expect(
      translate(
        arm(
          'RetryableErrorDueToAnotherOperation',
          'Operation PutSubnetOperation (x) is updating resource y. The call can be retried in 5 seconds.',
        ),
        { status: 429 },
      ),
    ).toMatchObject({ code: 'AZURE_BUSY', params: { retryAfterMs: 5000 } });
  });
  it('splits the two causes of an OS provisioning time-out', () => {
    expect(
      translate(
        arm(
          'OSProvisioningTimedOut',
          "OS Provisioning for VM 'w0' did not finish in the allotted time. The VM may still finish provisioning successfully.",
        ),
        { status: 200 },
      ).code,
    ).toBe('AZURE_OS_PROVISIONING_SLOW');
  });
  it('names the policy that denies', () => {
    const message = `Resource 'w0-ip' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"No public IPs","id":"/x"},"policyDefinition":{"name":"d","id":"/y"}}]'.`;
    expect(translate(arm('RequestDisallowedByPolicy', message), { status: 403 }).params).toEqual({
      resource: 'w0-ip',
      policy: 'No public IPs',
    });
  });
  it('names action and scope of a missing right', () => {
    const message =
      "The client 'a' with object id 'b' does not have authorization to perform action 'Microsoft.Compute/virtualMachines/write' over scope '/subscriptions/s/resourceGroups/g' or the scope is invalid.";
    expect(translate(arm('AuthorizationFailed', message), { status: 403 }).params).toEqual({
      action: 'Microsoft.Compute/virtualMachines/write',
      scope: '/subscriptions/s/resourceGroups/g',
    });
  });
});

describe('logins that fail', () => {
  const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
  it.each([
    [
      'CredentialUnavailableError',
      "Please run 'az login' from a command prompt to authenticate before using this credential.",
      'AZURE_LOGIN_REQUIRED',
    ],
    [
      'CredentialUnavailableError',
      'Azure CLI could not be found. Please visit https://aka.ms/azure-cli for installation instructions',
      'AZURE_CLI_MISSING',
    ],
    [
      'AuthenticationError',
      'Status code: 401\nMore details:\nAADSTS7000215: Invalid client secret provided.',
      'AZURE_LOGIN_REFUSED',
    ],
    [
      'CredentialUnavailableError',
      'ERROR: AADSTS70043: The refresh token has expired. To re-authenticate, please run:\naz login --scope x',
      'AZURE_LOGIN_EXPIRED',
    ],
  ])('%s %s', (name, message, code) => {
    expect(translateCredentialError(named(name, message))?.code).toBe(code);
  });
  it('takes an expired refresh token from az’s own words', () => {
    expect(translateCredentialError(new Error(texts.get('aad-refresh-expired')?.text ?? ''))?.code).toBe(
      'AZURE_LOGIN_EXPIRED',
    );
  });
  it('leaves other errors alone', () => {
    expect(translateCredentialError(new Error('socket hang up'))).toBeUndefined();
  });
});

describe('a region', () => {
  const noProvider = (location: string): string =>
    `No registered resource provider found for location '${location}' and API version '2025-05-01' for type ` +
    "'locations/usages'. The supported api-versions are '2026-03-01'. The supported locations are 'eastus, westus2'.";

  it.each([
    ['NoRegisteredProviderFound', noProvider('eastsu'), { region: 'eastsu', nearest: 'eastus' }],
    ['NoRegisteredProviderFound', noProvider('mars'), { region: 'mars', nearest: '' }],
    [
      'LocationNotAvailableForResourceGroup',
      "The provided location 'wetsus2' is not available for resource group. List of available regions is 'eastus,westus2'.",
      { region: 'wetsus2', nearest: 'westus2' },
    ],
  ])('that Azure does not list is a slip: %s', (code, message, params) => {
    expect(translate(arm(code, message))).toMatchObject({ code: 'AZURE_REGION_UNKNOWN', params });
  });

  it('that Azure lists lacks something else', () => {
    expect(translate(arm('NoRegisteredProviderFound', noProvider('eastus'))).code).toBe('AZURE_REGION_UNAVAILABLE');
  });
});
