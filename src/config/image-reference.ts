/** A container image reference in its parts, with Docker's defaults filled in. */
export interface ImageReference {
  /** Registry host, `docker.io` when none was written. */
  readonly host: string;
  /** Repository below the host, `library/ubuntu` for `ubuntu`. */
  readonly repository: string;
  /** Present when written; `latest` when neither tag nor digest was. */
  readonly tag?: string;
  readonly digest?: string;
}

export const DOCKER_HUB = 'docker.io';

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Splits `[host/]repository[:tag][@digest]` as Docker does (distribution/reference: the first part is a host when it has
 * a dot, a colon or is `localhost`). Returns Docker's own complaint when it is not a reference.
 */
export function parseImageReference(text: string): ImageReference | { readonly invalid: string } {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  const name = hasTag ? named.slice(0, colon) : named;

  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const path = hasHost ? name.slice(slash + 1) : name;
  if (path !== path.toLowerCase()) return { invalid: 'invalid reference format: repository name must be lowercase' };
  const valid =
    path.split('/').every((part) => COMPONENT.test(part)) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest));
  if (!valid) return { invalid: 'invalid reference format' };

  const isHub = !hasHost || first === 'index.docker.io' || first === DOCKER_HUB;
  return {
    host: isHub ? DOCKER_HUB : first,
    repository: isHub && !path.includes('/') ? `library/${path}` : path,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: 'latest' } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** `ubuntu` for `docker.io/library/ubuntu`: the name as Docker shows it. */
export function familiarName({ host, repository }: Pick<ImageReference, 'host' | 'repository'>): string {
  if (host !== DOCKER_HUB) return `${host}/${repository}`;
  return repository.startsWith('library/') ? repository.slice('library/'.length) : repository;
}

/** The reference with its digest: what a pull and a container must name to get exactly this image. */
export function withDigest(reference: string, digest: string | undefined): string {
  return digest === undefined || reference.includes('@') ? reference : `${reference}@${digest}`;
}

/** The registry a reference names; empty for what is no reference. */
export function hostOf(reference: string): string {
  const parsed = parseImageReference(reference);
  return 'invalid' in parsed ? '' : parsed.host;
}
