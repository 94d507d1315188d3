import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { refuse, type ArmError } from '../../world/azure/arm-error.js';
import type { AzureOptions, Principal } from '../../world/azure/options.js';
import type { ArmRequest, Reply } from './http.js';

/**
 * A client keeps a token for the `expires_in` of its own, real clock, while the lab's clock may run hundreds of times
 * faster. So the lab honours a token for this long in lab time.
 */
const honouredForS = 30 * 24 * 3600;
const expiresInS = 3600;

/** Issues and checks the lab's tokens. */
export interface TokenService {
  /** Answers a form post to a token endpoint; `tenant` as in the path. */
  issue(request: ArmRequest, tenant: string): Reply;
  /** Who calls. Raises the 401 that ARM answers. */
  authenticate(request: ArmRequest): Principal;
}

export interface TokenServiceDeps {
  readonly options: AzureOptions;
  readonly armUrl: () => string;
  /** Lab time, epoch ms. */
  readonly now: () => number;
}

interface Claims {
  readonly aud: string;
  readonly exp: number;
  readonly tid: string;
  readonly oid: string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Creates the service with a signing key of its own: tokens of another lab are not accepted. */
export function createTokenService({ options, armUrl, now }: TokenServiceDeps): TokenService {
  const key = randomBytes(32);
  const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest();

  const issue = (request: ArmRequest, tenant: string): Reply => {
    const form = new URLSearchParams(request.rawBody);
    if (tenant !== 'adfs' && tenant.toLowerCase() !== options.tenantId.toLowerCase()) {
      return oauthError(
        400,
        'invalid_request',
        90002,
        `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`,
        now(),
      );
    }
    if (form.get('grant_type') !== 'client_credentials') {
      return oauthError(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.', now());
    }
    const clientId = form.get('client_id') ?? '';
    const principal = options.principals.find((entry) => entry.clientId === clientId.toLowerCase());
    if (!principal) {
      return oauthError(
        400,
        'unauthorized_client',
        700016,
        `Application with identifier '${clientId}' was not found in the directory.`,
        now(),
      );
    }
    if (form.get('client_secret') !== principal.clientSecret) {
      return oauthError(
        401,
        'invalid_client',
        7000215,
        'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client ' +
          `secret ID, for a secret added to app '${clientId}'.`,
        now(),
      );
    }
    const audience =
      form.get('resource') ?? (form.get('scope') ?? '').split(' ').find((scope) => scope.endsWith('/.default'));
    if (audience === undefined)
      return oauthError(400, 'invalid_scope', 70011, 'The provided request must include a scope.', now());
    const seconds = Math.floor(now() / 1000);
    const claims = {
      aud: audience.replace(/\/\.default$/, ''),
      iss: `https://sts.windows.net/${options.tenantId}/`,
      iat: seconds,
      nbf: seconds,
      exp: seconds + honouredForS,
      appid: principal.clientId,
      idtyp: 'app',
      oid: principal.objectId,
      tid: options.tenantId,
    };
    const text = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
    const token = `${text}.${sign(text).toString('base64url')}`;
    return {
      status: 200,
      body: { token_type: 'Bearer', expires_in: expiresInS, ext_expires_in: expiresInS, access_token: token },
    };
  };

  const authenticate = (request: ArmRequest): Principal => {
    const header = request.headers.authorization;
    if (header === undefined || header === '') {
      throw unauthorized(
        options,
        'AuthenticationFailed',
        "Authentication failed. The 'Authorization' header is missing.",
      );
    }
    const claims = readToken(/^Bearer (.+)$/i.exec(header)?.[1] ?? '', sign);
    if (!claims) throw unauthorized(options, 'InvalidAuthenticationToken', 'The access token is invalid.');
    const audiences = [armUrl(), 'https://management.azure.com', 'https://management.core.windows.net'];
    const bare = (text: string): string => text.replace(/\/+$/, '');
    if (!audiences.some((audience) => bare(audience) === bare(claims.aud))) {
      throw unauthorized(
        options,
        'InvalidAuthenticationTokenAudience',
        `The access token has been obtained for wrong audience or resource '${claims.aud}'. It should exactly match with one of the ` +
          `allowed audiences '${audiences.join("','")}'.`,
      );
    }
    if (claims.exp * 1000 < now()) {
      throw unauthorized(
        options,
        'ExpiredAuthenticationToken',
        `The access token expiry UTC time '${new Date(claims.exp * 1000).toISOString()}' is earlier than current UTC time ` +
          `'${new Date(now()).toISOString()}'.`,
      );
    }
    const principal = options.principals.find((entry) => entry.objectId === claims.oid);
    if (!principal) throw unauthorized(options, 'InvalidAuthenticationToken', 'The access token is invalid.');
    return principal;
  };
  return { issue, authenticate };
}

function readToken(token: string, sign: (text: string) => Buffer): Claims | undefined {
  const [head, payload, signature, extra] = token.split('.');
  if (head === undefined || payload === undefined || signature === undefined || extra !== undefined) return undefined;
  const given = Buffer.from(signature, 'base64url');
  const right = sign(`${head}.${payload}`);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
}

function unauthorized(options: AzureOptions, code: string, message: string): ArmError {
  const error = refuse(401, code, message);
  const challenge =
    `Bearer authorization_uri="https://login.windows.net/${options.tenantId}", error="invalid_token", ` +
    `error_description="${message}"`;
  return Object.assign(error, { headers: { 'www-authenticate': challenge } });
}

function oauthError(status: number, error: string, number: number, text: string, now: number): Reply {
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = new Date(now)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${number}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [number],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
    },
  };
}
