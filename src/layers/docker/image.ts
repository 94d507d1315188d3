import type { DockerEngine, ImageInfo } from '../../clients/docker-engine/docker-engine.js';
import type { Config } from '../../config/schema.js';
import { familiarName, parseImageReference, withDigest } from '../../config/image-reference.js';
import type { Deadline } from '../../health/deadline.js';

/** The image on the worker, under the reference a container shall name. */
export interface FoundImage {
  /** With its digest when it has one; an image built on the worker has none. */
  readonly reference: string;
  readonly id: string;
}

/** References in the order they are tried: the configured one, then its copy in another registry; pinned when a digest is set. */
export function wantedReferences({ reference, digest, fallback }: Config['image']): readonly string[] {
  return [reference, ...(fallback === undefined ? [] : [fallback])].map((one) => withDigest(one, digest));
}

/** The first wanted image that is on the worker. */
export async function findImage(
  engine: DockerEngine,
  config: Config['image'],
  deadline: Deadline,
): Promise<FoundImage | undefined> {
  for (const reference of wantedReferences(config)) {
    const image = await engine.inspectImage(reference, deadline);
    if (image) return { reference: withDigest(reference, digestFor(reference, image)), id: image.id };
  }
  return undefined;
}

/** The digest an image of another version has under the wanted tag; undefined when the tag is not there either. */
export async function otherDigest(
  engine: DockerEngine,
  config: Config['image'],
  deadline: Deadline,
): Promise<string | undefined> {
  if (config.digest === undefined) return undefined;
  const image = await engine.inspectImage(config.reference.replace(/@.*$/, ''), deadline);
  return image && (digestFor(config.reference, image) ?? image.id);
}

/** An image may be known by several repositories; only the digest of the one named counts. */
function digestFor(reference: string, image: ImageInfo): string | undefined {
  const parsed = parseImageReference(reference);
  if ('invalid' in parsed) return undefined;
  const prefix = `${familiarName(parsed)}@`;
  return image.digests.find((one) => one.startsWith(prefix))?.slice(prefix.length);
}
