import * as z from 'zod';

/** What a registry's 401 asks for: a token from `realm` for `service` and `scope`. */
export interface BearerChallenge {
  readonly realm: string;
  readonly service: string | undefined;
  readonly scope: string | undefined;
}

/** Reads `WWW-Authenticate: Bearer realm="...",service="...",scope="..."`; undefined for Basic and for no challenge. */
export function parseChallenge(header: string | null): BearerChallenge | undefined {
  if (header === null || !/^Bearer /i.test(header)) return undefined;
  const parts = new Map([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']));
  const realm = parts.get('realm');
  return realm === undefined ? undefined : { realm, service: parts.get('service'), scope: parts.get('scope') };
}

/** The answer of a token service (distribution, token authentication): either name is allowed. */
export const tokenAnswer = z
  .object({ token: z.string().optional(), access_token: z.string().optional(), expires_in: z.number().optional() })
  .transform(({ token, access_token, expires_in }) => ({
    token: token ?? access_token ?? '',
    expiresInS: expires_in ?? 60,
  }));

/** Docker Hub's `100;w=21600`: the number before the window. */
export function rateLimitNumber(header: string | null): number | undefined {
  const match = /^(\d+)/.exec(header ?? '');
  return match ? Number(match[1]) : undefined;
}
