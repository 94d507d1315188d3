import { DOCKER_HUB, familiarName, parseImageReference } from '../../../config/image-reference.js';
import { sha256 } from './digest.js';

/** What an image says about how it is run. */
export interface ImageConfiguration {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly workingDir: string;
}

/** What an image has that says nothing of itself: Docker's default PATH and nothing more. */
export const PLAIN_CONFIGURATION: ImageConfiguration = {
  env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  entrypoint: [],
  command: [],
  exposedPorts: [],
  volumes: [],
  labels: {},
  workingDir: '',
};

export interface RegistryLayer {
  readonly digest: string;
  /** Compressed, as it travels. */
  readonly sizeBytes: number;
  /** Extracted, as it lies on the disk. */
  readonly extractedBytes: number;
}

/** One image as a registry holds it. */
export interface RegistryImage {
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  /** Digest of the manifest: what one pins. */
  readonly digest: string;
  /** Digest of the configuration: the image id on the daemon. */
  readonly imageId: string;
  readonly createdAt: string;
  readonly layers: readonly RegistryLayer[];
  readonly configuration: ImageConfiguration;
}

/** A refusal in the words of the registry API and of dockerd, which differ. */
export interface RegistryRefusal {
  readonly code: 'MANIFEST_UNKNOWN' | 'UNAUTHORIZED' | 'TOOMANYREQUESTS' | 'NAME_INVALID';
  readonly status: 400 | 401 | 404 | 429;
  readonly daemonMessage: string;
}

export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  readonly windowS: number;
}

/** Every registry of the lab's internet. */
export interface RegistryWorld {
  /** Finds what a reference names; does not count as a pull. */
  resolve(reference: string, isLoggedIn?: boolean): RegistryImage | RegistryRefusal;
  /** Puts an image in: a push, or a test's own. Replaces the tag. */
  publish(image: RegistryImage): void;
  /** Counts one pull of a source address against Docker Hub's budget; false when it is used up. */
  spendPull(host: string, source: string, now: number): boolean;
  /** The budget of a source address; undefined for registries without one. */
  rateLimit(host: string, source: string, now: number): RateLimit | undefined;
  /** Whether a registry holds a layer, under any name. */
  hasLayer(host: string, digest: string): boolean;
  /** A registry's own token, good as a password until `endsAt`. */
  grant(host: string, password: string, endsAt: number): void;
  admits(host: string, password: string | undefined, now: number): boolean;
  /** Hosts that answer only after a login. */
  readonly privateHosts: Set<string>;
}

/** Docker Hub counts 100 anonymous pulls in 6 hours for an IPv4 address. https://docs.docker.com/docker-hub/usage/ */
const HUB_LIMIT = 100;
const HUB_WINDOW_S = 21_600;
export const RATE_LIMIT_MESSAGE =
  'You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** Describes an image by its layers' compressed sizes; digests follow from the name, so the same call gives the same image. */
export function describeImage(
  reference: string,
  compressedBytes: readonly number[],
  configuration: Partial<ImageConfiguration> = {},
  layerSeed = reference,
): RegistryImage {
  const parsed = parseImageReference(reference);
  if ('invalid' in parsed) throw new Error(`${parsed.invalid}: ${reference}`);
  const layers = compressedBytes.map((sizeBytes, index) => ({
    digest: sha256(`layer ${layerSeed} ${index}`),
    sizeBytes,
    extractedBytes: Math.round(sizeBytes * 2.2),
  }));
  return {
    host: parsed.host,
    repository: parsed.repository,
    tag: parsed.tag ?? 'latest',
    digest: sha256(`manifest ${layerSeed}`),
    imageId: sha256(`config ${layerSeed}`),
    createdAt: '2026-11-02T09:14:00Z',
    layers,
    configuration: { ...PLAIN_CONFIGURATION, ...configuration },
  };
}

/** dockur/windows: `EXPOSE 3389 8006`, `VOLUME /storage`, tini as entry point (its Dockerfile, 6.05). */
const dockur: Partial<ImageConfiguration> = {
  entrypoint: ['/usr/bin/tini', '-s', '/run/entry.sh'],
  exposedPorts: ['3389/tcp', '8006/tcp'],
  volumes: ['/storage'],
};
const waaLayers = [30 * MIB, 190 * MIB, 1.4 * GIB, 2.6 * GIB, 45 * MIB];

/** The images the lab's registries hold from the start. Sizes are of the order of the published ones. */
export const publishedImages = (): readonly RegistryImage[] => [
  describeImage('windowsarena/waa-auto:2026.11', waaLayers, dockur, 'waa-auto 2026.11'),
  describeImage('waalab.azurecr.io/waa-auto:2026.11', waaLayers, dockur, 'waa-auto 2026.11'),
  describeImage('dockurr/windows:6.05', [30 * MIB, 190 * MIB, 12 * MIB], dockur),
  describeImage('windowsarena/winarena:latest', [30 * MIB, 1.9 * GIB, 3.1 * GIB, 5.2 * GIB], {
    entrypoint: ['/bin/bash', '-c'],
    exposedPorts: ['5000/tcp', '8006/tcp'],
    volumes: ['/storage'],
  }),
  describeImage('ubuntu:24.04', [29 * MIB], { command: ['/bin/bash'] }),
];

/** Creates the registries. One hour-glass a source address, as Docker Hub keeps it. */
export function createRegistryWorld(images: readonly RegistryImage[] = publishedImages()): RegistryWorld {
  const stored = [...images];
  const pulls = new Map<string, number[]>();
  const privateHosts = new Set<string>();
  const logins = new Map<string, number>();
  const recent = (source: string, now: number): number[] => {
    const kept = (pulls.get(source) ?? []).filter((at) => now - at < HUB_WINDOW_S * 1000);
    pulls.set(source, kept);
    return kept;
  };
  return {
    privateHosts,
    publish(image) {
      const same = stored.findIndex(
        (other) => other.host === image.host && other.repository === image.repository && other.tag === image.tag,
      );
      if (same >= 0) stored.splice(same, 1);
      stored.push(image);
    },
    hasLayer: (host, digest) =>
      stored.some((image) => image.host === host && image.layers.some((layer) => layer.digest === digest)),
    grant(host, password, endsAt) {
      logins.set(`${host} ${password}`, endsAt);
    },
    admits: (host, password, now) => (logins.get(`${host} ${password ?? ''}`) ?? 0) > now,
    resolve(reference, isLoggedIn = false) {
      const parsed = parseImageReference(reference);
      if ('invalid' in parsed) return { code: 'NAME_INVALID', status: 400, daemonMessage: parsed.invalid };
      const { host, repository, tag, digest } = parsed;
      const name = familiarName(parsed);
      if (privateHosts.has(host) && !isLoggedIn) {
        const url = `https://${host}/v2/${repository}/manifests/${digest ?? tag}`;
        return { code: 'UNAUTHORIZED', status: 401, daemonMessage: `Head "${url}": no basic auth credentials` };
      }
      const inRepository = stored.filter((image) => image.host === host && image.repository === repository);
      const found = inRepository.find((image) => (digest === undefined ? image.tag === tag : image.digest === digest));
      if (found) return found;
      if (inRepository.length === 0 && host === DOCKER_HUB) {
        return {
          code: 'UNAUTHORIZED',
          status: 401,
          daemonMessage:
            `pull access denied for ${name}, repository does not exist or may require 'docker login': ` +
            'denied: requested access to the resource is denied',
        };
      }
      const wanted = digest === undefined ? `${name}:${tag}` : `${name}@${digest}`;
      return {
        code: 'MANIFEST_UNKNOWN',
        status: 404,
        daemonMessage: `manifest for ${wanted} not found: manifest unknown: manifest unknown`,
      };
    },
    spendPull(host, source, now) {
      if (host !== DOCKER_HUB) return true;
      const kept = recent(source, now);
      if (kept.length >= HUB_LIMIT) return false;
      kept.push(now);
      return true;
    },
    rateLimit(host, source, now) {
      if (host !== DOCKER_HUB) return undefined;
      return { limit: HUB_LIMIT, remaining: HUB_LIMIT - recent(source, now).length, windowS: HUB_WINDOW_S };
    },
  };
}
