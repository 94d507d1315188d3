import * as z from 'zod';

/** Properties that Azure returns and ignores when a client sends them back. */
export const readOnly = z.unknown().optional();

export const tagsSchema = z.record(z.string(), z.string());
export type Tags = z.infer<typeof tagsSchema>;

/** The envelope of every tracked resource; `properties` is added by each type. */
export const envelope = {
  id: readOnly,
  name: readOnly,
  type: readOnly,
  etag: readOnly,
  kind: readOnly,
  location: z.string(),
  tags: tagsSchema.nullish(),
};

/** A reference to another resource. Azure's JavaScript SDK adds an empty `properties` to some of them. */
export const reference = z.strictObject({ id: z.string(), properties: z.looseObject({}).optional() });
export type Reference = z.infer<typeof reference>;

export const deleteOption = z.enum(['Delete', 'Detach']);
export type DeleteOption = z.infer<typeof deleteOption>;
