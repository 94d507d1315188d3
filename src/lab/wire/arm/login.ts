import type { ArmRequest, Reply } from './http.js';
import type { TokenService } from './tokens.js';

/**
 * Cloud metadata, OpenID discovery and tokens: what `az` and @azure/identity ask before they hold a token.
 * Undefined when the path is none of these.
 */
export function answerLogin(request: ArmRequest, armUrl: string, tokens: TokenService): Reply | undefined {
  const { method, segments } = request;
  const path = segments.join('/').toLowerCase();
  const tenant = segments[0] ?? '';
  if (method === 'GET' && path === 'metadata/endpoints') return { status: 200, body: cloudMetadata(request, armUrl) };
  if (method === 'GET' && path === 'common/discovery/instance') return { status: 200, body: instanceDiscovery(armUrl) };
  if (method === 'GET' && /^[^/]+(\/v2\.0)?\/\.well-known\/openid-configuration$/.test(path)) {
    return { status: 200, body: openIdConfiguration(tenant, armUrl) };
  }
  if (method === 'POST' && /^[^/]+\/oauth2(\/v2\.0)?\/token$/.test(path)) return tokens.issue(request, tenant);
  return undefined;
}

/** Up to 2018 an object, from 2019 on an array of clouds. */
function cloudMetadata(request: ArmRequest, armUrl: string): unknown {
  const common = { portal: `${armUrl}/portal/`, graph: `${armUrl}/graph/`, gallery: `${armUrl}/gallery/` };
  if ((request.query.get('api-version') ?? '') < '2019-01-01') {
    return {
      galleryEndpoint: common.gallery,
      graphEndpoint: common.graph,
      portalEndpoint: common.portal,
      authentication: { loginEndpoint: `${armUrl}/adfs`, audiences: [`${armUrl}/`] },
    };
  }
  return [
    {
      name: 'Lab',
      ...common,
      authentication: {
        loginEndpoint: `${armUrl}/adfs`,
        audiences: [`${armUrl}/`],
        tenant: 'common',
        identityProvider: 'ADFS',
      },
      resourceManager: `${armUrl}/`,
      graphAudience: common.graph,
      suffixes: {},
    },
  ];
}

function openIdConfiguration(tenant: string, armUrl: string): unknown {
  const adfs = tenant.toLowerCase() === 'adfs';
  const base = `${armUrl}/${tenant}/oauth2`;
  return {
    issuer: adfs ? `${armUrl}/adfs` : `${armUrl}/${tenant}/v2.0`,
    authorization_endpoint: adfs ? `${base}/authorize/` : `${base}/v2.0/authorize`,
    token_endpoint: adfs ? `${base}/token/` : `${base}/v2.0/token`,
    device_authorization_endpoint: adfs ? `${base}/devicecode` : `${base}/v2.0/devicecode`,
    jwks_uri: `${armUrl}/${tenant}/discovery/keys`,
    response_types_supported: ['code', 'id_token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  };
}

function instanceDiscovery(armUrl: string): unknown {
  const host = new URL(armUrl).host;
  return {
    tenant_discovery_endpoint: `${armUrl}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
