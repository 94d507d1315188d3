import type { Deadline } from '../../health/deadline.js';

export interface ManifestInfo {
  readonly digest: string;
  /** Compressed size of all layers when the registry tells it. */
  readonly sizeBytes?: number;
  /** Docker Hub's pull budget for this address, when it sends its headers. */
  readonly rateLimit?: { readonly limit: number; readonly remaining: number };
}

/** Registry HTTP API v2 with the token dance; anonymous. Raises DOCKER_REGISTRY_* / DOCKER_IMAGE_NOT_FOUND failures. */
export interface RegistryClient {
  /** HEAD of a manifest: costs no pull. `reference` is `repo[:tag][@digest]`, Docker Hub when it names no host. */
  manifest(reference: string, deadline: Deadline): Promise<ManifestInfo>;
}
