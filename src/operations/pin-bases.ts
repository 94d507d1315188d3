import type { RegistryClient } from '../clients/registry/registry.js';
import { withDigest } from '../config/image-reference.js';
import type { Deadline } from '../health/deadline.js';

/** Build arguments that name base images: each `ARG NAME=...` before the first FROM that a `FROM ${NAME}` uses. */
export function baseArguments(dockerfile: string): ReadonlyMap<string, string> {
  const head = dockerfile.split(/^FROM\s/im)[0] ?? '';
  const initial = new Map(
    [...head.matchAll(/^ARG\s+(\w+)=(\S+)\s*$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const used = [...dockerfile.matchAll(/^FROM\s+\$(?:\{(\w+)\}|(\w+))/gim)].map(([, braced, plain]) => braced ?? plain);
  return new Map([...initial].filter(([name]) => used.includes(name)));
}

/**
 * The base images of a build with the digests their tags have now, as build arguments: what is built from today can be
 * built from again. An argument that was given counts, and one with a digest is not asked about. Raises DOCKER_REGISTRY_*
 * and DOCKER_IMAGE_NOT_FOUND.
 */
export async function pinBases(
  registry: RegistryClient,
  dockerfile: string,
  given: Readonly<Record<string, string>>,
  deadline: Deadline,
): Promise<Readonly<Record<string, string>>> {
  const wanted = [...baseArguments(dockerfile)].map(([name, initial]) => [name, given[name] ?? initial] as const);
  const pinned = await Promise.all(
    wanted.map(async ([name, reference]) => {
      if (reference.includes('@')) return [name, reference] as const;
      return [name, withDigest(reference, (await registry.manifest(reference, deadline)).digest)] as const;
    }),
  );
  return Object.fromEntries(pinned);
}
