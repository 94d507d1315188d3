import type { Resource } from '../../../world/azure/model.js';

/** The part that every tracked resource shows the same way. */
export const envelopeOf = (resource: Resource) => ({
  id: resource.id,
  name: resource.name,
  type: resource.type,
  location: resource.location,
  tags: resource.tags,
});

/** Network's etag: weak, a GUID; made from the resource's own GUID and its revision. */
export const networkEtag = (resource: Resource): string =>
  `W/"${resource.guid.slice(0, 28)}${resource.revision.toString(16).padStart(8, '0')}"`;

/** Compute's etag: a number. */
export const computeEtag = (resource: Resource): string => `"${resource.revision}"`;
