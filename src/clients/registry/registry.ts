import type { Secret } from '../../config/secret.js';
import type { Deadline } from '../../health/deadline.js';

export interface ManifestInfo {
  readonly digest: string;
  /** Compressed size of all layers when the registry tells it. */
  readonly sizeBytes?: number;
  /** Docker Hub's pull budget for this address, when it sends its headers. */
  readonly rateLimit?: { readonly limit: number; readonly remaining: number };
}

/** What a registry takes as a login. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: Secret;
}

/** The login for a registry host; undefined where the caller has none. */
export type RegistryLogin = (host: string, deadline: Deadline) => Promise<RegistryAuth | undefined>;

/** Registry HTTP API v2 with the token dance. Raises DOCKER_REGISTRY_* / DOCKER_IMAGE_NOT_FOUND failures. */
export interface RegistryClient {
  /** HEAD of a manifest: costs no pull. `reference` is `repo[:tag][@digest]`, Docker Hub when it names no host. */
  manifest(reference: string, deadline: Deadline): Promise<ManifestInfo>;
}
