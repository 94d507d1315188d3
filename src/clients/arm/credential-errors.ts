import { fail, type WaaError } from '../../failures/waa-error.js';

interface LoginRule {
  readonly pattern: RegExp;
  readonly to: (reason: string, cause: unknown) => WaaError;
}

/** First fit wins. AADSTS numbers: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const LOGIN_RULES: readonly LoginRule[] = [
  {
    pattern: /AADSTS(?:700082|70043|50173|700084|50076|50079|7000222)/,
    to: (reason, cause) => fail('AZURE_LOGIN_EXPIRED', { reason }, { cause }),
  },
  {
    pattern: /AADSTS(?:90002|50020|500011)/,
    to: (reason, cause) => fail('AZURE_TENANT_MISMATCH', { reason }, { cause }),
  },
  {
    pattern: /AADSTS\d+|invalid_client|unauthorized_client|invalid_grant/,
    to: (reason, cause) => fail('AZURE_LOGIN_REFUSED', { reason }, { cause }),
  },
  { pattern: /claims-challenge|--claims/, to: (reason, cause) => fail('AZURE_LOGIN_EXPIRED', { reason }, { cause }) },
  {
    pattern: /Azure CLI could not be found|az: not found/,
    to: (reason, cause) => fail('AZURE_CLI_MISSING', { reason }, { cause }),
  },
  { pattern: /az login/, to: (reason, cause) => fail('AZURE_LOGIN_REQUIRED', { reason }, { cause }) },
  {
    pattern: /Subscription '[^']+' not found/,
    to: (reason, cause) =>
      fail(
        'AZURE_SUBSCRIPTION_NOT_FOUND',
        { subscription: /'([^']+)'/.exec(reason)?.[1] ?? '', known: 'see az account list' },
        { cause },
      ),
  },
];

const CREDENTIAL_ERRORS = new Set([
  'CredentialUnavailableError',
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
]);

/** A failed login of @azure/identity as a failure of ours, or undefined when `thrown` is something else. */
export function translateCredentialError(thrown: unknown): WaaError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const reason = thrown.message.split('\n')[0]?.slice(0, 300) ?? '';
  const rule = LOGIN_RULES.find(({ pattern }) => pattern.test(thrown.message));
  if (rule && (CREDENTIAL_ERRORS.has(thrown.name) || /AADSTS|az login|Azure CLI/.test(thrown.message))) {
    return rule.to(/AADSTS[^\n]*/.exec(thrown.message)?.[0].slice(0, 300) ?? reason, thrown);
  }
  if (!CREDENTIAL_ERRORS.has(thrown.name)) return undefined;
  return fail('AZURE_LOGIN_REQUIRED', { reason }, { cause: thrown });
}
